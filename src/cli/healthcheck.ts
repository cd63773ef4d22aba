import { EnvReader } from "../config/env-reader.ts";
import { HEALTHCHECK_TIMEOUT_MS } from "../limits.ts";
import { readAgentAddress } from "./agent-address.ts";
import { askAgent } from "./ask-agent.ts";
import type { Command } from "./io.ts";
import { parseOptions, usage } from "./options.ts";

/** `clef-agent healthcheck [live|ready]`: asks the agent on this machine, for exec probes. */
export const healthcheck: Command = async (args, io) => {
  const { positionals } = parseOptions(args, {});
  const [question = "live", ...rest] = positionals;
  if ((question !== "live" && question !== "ready") || rest.length > 0) {
    throw usage("healthcheck takes live or ready");
  }
  const answer = await askAgent({
    address: readAgentAddress(new EnvReader(io.env, () => "")),
    method: "GET",
    path: question === "live" ? "/v1/health" : "/v1/ready",
    timeoutMs: HEALTHCHECK_TIMEOUT_MS,
    code: "healthcheck_failed",
  });
  io.stdout(`${answer.body}\n`);
  return answer.status === 200 ? 0 : 1;
};
