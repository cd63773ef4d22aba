import { EnvReader } from "../config/env-reader.ts";
import { AgentError, systemCode } from "../errors.ts";
import { HEALTHCHECK_TIMEOUT_MS } from "../limits.ts";
import { readListening } from "../config/listeners.ts";
import { http } from "../system/http.ts";
import type { Command } from "./io.ts";
import { parseOptions, usage } from "./options.ts";

/** `clef-agent healthcheck [live|ready]`: asks the agent on this machine, for exec probes. */
export const healthcheck: Command = async (args, io) => {
  const { positionals } = parseOptions(args, {});
  const [question = "live", ...rest] = positionals;
  if ((question !== "live" && question !== "ready") || rest.length > 0) {
    throw usage("healthcheck takes live or ready");
  }
  const reader = new EnvReader(io.env, () => "");
  const { port } = readListening(reader);
  for (const error of reader.errors) throw error;
  if (port === 0 || port === undefined) {
    throw new AgentError(
      "config_invalid",
      "CLEF_AGENT_PORT is 0, any free port; set it to the agent's port",
    );
  }
  const deadline = performance.now() + HEALTHCHECK_TIMEOUT_MS;
  const answer = await ask(port, question === "live" ? "/v1/health" : "/v1/ready", deadline);
  io.stdout(`${answer.body}\n`);
  return answer.status === 200 ? 0 : 1;
};

function ask(
  port: number,
  path: string,
  deadline: number,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const fail = (problem: string): void =>
      reject(
        new AgentError(
          "healthcheck_failed",
          `the agent on 127.0.0.1:${port} ${problem}; is it running, and is CLEF_AGENT_PORT the same?`,
        ),
      );
    const options = {
      host: "127.0.0.1",
      port,
      path,
      headers: { host: `127.0.0.1:${port}` },
      agent: false,
      timeout: Math.max(1, deadline - performance.now()),
    };
    const outgoing = http.get(options, (incoming) => {
      let body = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (body += chunk));
      incoming.on("error", () => fail("broke off its answer"));
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, body }));
    });
    outgoing.on("timeout", () => {
      fail(`did not answer within ${HEALTHCHECK_TIMEOUT_MS} ms`);
      outgoing.destroy();
    });
    outgoing.on("error", (error) => {
      const code = systemCode(error) ?? "?";
      // In a flood of connections this one had to make room before it was heard; the next may not.
      const again = code === "ECONNRESET" && performance.now() < deadline;
      if (again) resolve(ask(port, path, deadline));
      else fail(`cannot be reached (${code})`);
    });
  });
}
