import { type RunningAgent, type Runtime, startAgent } from "../agent.ts";
import type { Config } from "../config/config.ts";
import type { Environment } from "../exec/environment.ts";
import { Exec } from "../exec/exec.ts";
import type { ExecSettings } from "../exec/settings.ts";
import type { Timer } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import { tokenFor } from "./handed-token.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { becomeParent } from "./parent.ts";

export interface ExecLifecycleOptions {
  readonly settings: ExecSettings;
  /** The agent's own environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly exitNow: (code: number) => never;
}

/** The agent as the parent of a command: it serves until the command has ended, and ends as that did. */
export function execLifecycle({ settings, env, exitNow }: ExecLifecycleOptions): Lifecycle {
  return {
    async run(config, runtime) {
      const { log } = runtime;
      const exec = new Exec({ ...runtime, settings, env });
      becomeParent(exec, log, exitNow);

      const served = settings.api ? config : withoutPorts(config, log);
      const first = await Promise.race([startAgent(served, runtime), exec.ended]);
      if ("code" in first) return first.code;
      const agent = first;
      exec.follow({
        feed: agent.feed,
        address: () => addressOf(agent, served, log),
        delivered: () => agent.delivered(),
        tell: (event) => agent.tell(event),
      });
      void agent.failed.then((error) => {
        log.error(error.message, { code: error.code });
        exec.fail();
      });
      const waiting = limitFiles(agent, config.startupTimeoutMs, runtime, () => exec.fail());
      const { code, reason } = await exec.ended;
      waiting?.cancel();
      await agent.stop(reason === "failed" ? "error" : "signal");
      return code;
    },
    startFailed: () => Promise.resolve(),
  };
}

/** The command waits for the files, and so they have the start-up time as well. */
function limitFiles(
  agent: RunningAgent,
  ms: number,
  { clock, log }: Runtime,
  onOver: () => void,
): Timer | undefined {
  if (ms === 0) return undefined;
  return clock.after(ms, () => {
    const isLoaded = agent.feed.status().freshness === "fresh";
    if (!isLoaded || agent.filesStatus()?.isReady !== false) return;
    log.error(
      `no files within ${ms / 1000} s (CLEF_AGENT_STARTUP_TIMEOUT); the errors before this line say why`,
      { code: "startup_timeout" },
    );
    onOver();
  });
}

/** `--no-api` opens no port and no socket, whatever asks for one. */
function withoutPorts(config: Config, log: Log): Config {
  if (config.probeListen !== undefined) {
    log.warn("CLEF_AGENT_PROBE_LISTEN is passed over: exec --no-api opens no port");
  }
  return { ...config, port: undefined, socket: undefined, probeListen: undefined };
}

/** Where the command finds the agent; nothing where it has no API. */
function addressOf({ port }: RunningAgent, { socket, token }: Config, log: Log): Environment {
  if (port === undefined && socket === undefined) return {};
  return {
    ...(port === undefined ? {} : { CLEF_AGENT_URL: `http://127.0.0.1:${port}` }),
    ...(socket === undefined ? {} : { CLEF_AGENT_SOCKET: socket.path }),
    ...tokenFor(token, log),
  };
}
