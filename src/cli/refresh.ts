import { setTimeout as sleep } from "node:timers/promises";
import { EnvReader } from "../config/env-reader.ts";
import { readSmallFile } from "../config/small-file.ts";
import { checkToken } from "../config/token.ts";
import { AgentError } from "../errors.ts";
import { REFRESH_COMMAND_TIMEOUT_MS } from "../limits.ts";
import { type AgentAddress, readAgentAddress } from "./agent-address.ts";
import { type AgentAnswer, askAgent, type Question } from "./ask-agent.ts";
import type { Command } from "./io.ts";
import { parseOptions, usage } from "./options.ts";
import { monotonicMs } from "../system/monotonic.ts";

/** `clef-agent refresh`: lets the agent on this machine look at its source now. */
export const refresh: Command = async (args, io) => {
  if (parseOptions(args, {}).positionals.length > 0) throw usage("refresh takes no arguments");
  const reader = new EnvReader(io.env, readSmallFile);
  const address = readAgentAddress(reader);
  const { status, body } = await askPatiently({
    address,
    method: "POST",
    path: "/v1/refresh",
    headers: readToken(reader, address),
    timeoutMs: REFRESH_COMMAND_TIMEOUT_MS,
    code: "refresh_failed",
  });
  if (status !== 200) throw refused(status, address);
  io.stdout(`${body}\n`);
  return SUCCESSFUL.has(outcomeOf(body)) ? 0 : 1;
};

const SUCCESSFUL: ReadonlySet<unknown> = new Set(["refreshed", "unchanged"]);

/** Asks again where the agent has just looked, as long as there is time for it. */
async function askPatiently(question: Question): Promise<AgentAnswer> {
  const startedAt = monotonicMs();
  const answer = await askAgent(question);
  const waitMs = Number(answer.retryAfter ?? Number.NaN) * 1_000;
  const timeoutMs = question.timeoutMs - (monotonicMs() - startedAt) - waitMs;
  if (answer.status !== 429 || !(timeoutMs > 0)) return answer;
  await sleep(waitMs);
  return askPatiently({ ...question, timeoutMs: Math.ceil(timeoutMs) });
}

/**
 * The port alone asks for a token.
 *
 * @throws AgentError where there is none, or what is wrong with it.
 */
function readToken(reader: EnvReader, address: AgentAddress): Readonly<Record<string, string>> {
  if (address.variable === "CLEF_AGENT_SOCKET") return {};
  const token = reader.textOrFile("CLEF_AGENT_TOKEN", "CLEF_AGENT_TOKEN_FILE");
  if (token !== undefined) {
    const isInFile = reader.text("CLEF_AGENT_TOKEN") === undefined;
    const variable = isInFile ? "CLEF_AGENT_TOKEN_FILE" : "CLEF_AGENT_TOKEN";
    reader.tryTo("config_invalid", variable, () => checkToken(token));
  }
  for (const error of reader.errors) throw error;
  if (token !== undefined) return { authorization: `Bearer ${token}` };
  throw new AgentError(
    "config_missing",
    "neither CLEF_AGENT_TOKEN nor CLEF_AGENT_TOKEN_FILE is set; give the token of the agent, or CLEF_AGENT_SOCKET",
  );
}

function refused(status: number, { name }: AgentAddress): AgentError {
  const problem = `the agent on ${name} answered ${status}`;
  switch (status) {
    case 401:
      return new AgentError(
        "refresh_failed",
        `${problem}; check CLEF_AGENT_TOKEN or CLEF_AGENT_TOKEN_FILE`,
      );
    case 429:
      return new AgentError(
        "refresh_failed",
        `${problem}: its source asked it to wait; it looks by itself when it may`,
      );
    default:
      return new AgentError("refresh_failed", `${problem}; is it an agent of this version?`);
  }
}

function outcomeOf(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null && "outcome" in parsed
      ? parsed.outcome
      : undefined;
  } catch {
    return undefined;
  }
}
