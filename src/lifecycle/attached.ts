import { requestsTo } from "../client/requests.ts";
import type { Settings } from "../client/settings.ts";
import type { AttachedConfig } from "../config/attached.ts";
import type { TokenConfig } from "../config/token.ts";
import { AgentError } from "../errors.ts";
import { AttachedFeed } from "../exec/attached-feed.ts";
import type { Environment } from "../exec/environment.ts";
import { Exec, type ExecOptions } from "../exec/exec.ts";
import type { Log } from "../telemetry/log.ts";
import { tokenFor } from "./handed-token.ts";
import { becomeParent } from "./parent.ts";

export interface AttachedOptions extends ExecOptions {
  readonly config: AttachedConfig;
  readonly exitNow: (code: number) => never;
}

/** The parent of a command whose secrets come from an agent that runs already. @returns the exit code. */
export async function runAttached(options: AttachedOptions): Promise<number> {
  const { config, settings, clock, log, exitNow } = options;
  const { agent, startupTimeoutMs } = config;
  const exec = new Exec(options);
  becomeParent(exec, log, exitNow);
  const fail = (error: AgentError): void => {
    log.error(error.message, { code: error.code });
    exec.fail();
  };
  const feed = new AttachedFeed({ requests: requestsTo(agent), clock, log, onRefused: fail });
  exec.follow({
    feed,
    address: () => (settings.api ? addressOf(agent, log) : {}),
    delivered: () => Promise.resolve(),
    tell: (event) => log.event(event),
  });
  const limit =
    startupTimeoutMs === 0
      ? undefined
      : clock.after(startupTimeoutMs, () => {
          if (!feed.served) fail(tooLate(startupTimeoutMs, agent, feed.trouble));
        });
  void feed.follow();
  const { code } = await exec.ended;
  limit?.cancel();
  feed.stop();
  return code;
}

/** Where the command finds the agent. */
function addressOf({ address, token, tokenFile }: Settings, log: Log): Environment {
  if ("socketPath" in address) return { CLEF_AGENT_SOCKET: address.socketPath };
  const url = { CLEF_AGENT_URL: `http://${address.host}:${address.port}` };
  return { ...url, ...tokenFor(tokenConfigOf(token, tokenFile), log) };
}

function tokenConfigOf(token: string | undefined, path: string | undefined): TokenConfig {
  if (token !== undefined) return { kind: "fixed", token };
  return path === undefined ? { kind: "generated" } : { kind: "file", path };
}

function tooLate(ms: number, { where }: Settings, trouble: string | undefined): AgentError {
  const last = trouble ?? `the agent at ${where} has not answered`;
  return new AgentError(
    "startup_timeout",
    `no secrets within ${ms / 1000} s (CLEF_AGENT_STARTUP_TIMEOUT); ${last}`,
  );
}
