import { type RunningAgent, type Runtime, startAgent } from "../agent.ts";
import type { Config } from "../config/config.ts";
import type { TokenConfig } from "../config/token.ts";
import { readSmallFile } from "../config/small-file.ts";
import { closeInheritedDescriptors } from "../exec/descriptors.ts";
import type { Environment } from "../exec/environment.ts";
import { Exec } from "../exec/exec.ts";
import { listenToSignals } from "../exec/incoming.ts";
import type { ExecSettings } from "../exec/settings.ts";
import { trimmed } from "../system/given-text.ts";
import type { Timer } from "../system/clock.ts";
import type { Log } from "../telemetry/log.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { watchUncaught } from "./uncaught.ts";

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
      watchUncaught({
        log,
        exitNow,
        async lastWords() {
          exec.fail();
          await exec.ended;
        },
      });
      listenToSignals((signal, from) => exec.signal(signal, from));
      closeInheritedDescriptors();
      tellOfOrphans(log);

      const served = settings.api ? config : { ...config, port: undefined, socket: undefined };
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

/** Where the command finds the agent; nothing where it has no API. */
function addressOf({ port }: RunningAgent, { socket, token }: Config, log: Log): Environment {
  if (port === undefined && socket === undefined) return {};
  return {
    ...(port === undefined ? {} : { CLEF_AGENT_URL: `http://127.0.0.1:${port}` }),
    ...(socket === undefined ? {} : { CLEF_AGENT_SOCKET: socket.path }),
    ...tokenOf(token, log),
  };
}

function tokenOf(token: TokenConfig, log: Log): Environment {
  switch (token.kind) {
    case "fixed":
      return { CLEF_AGENT_TOKEN: token.token };
    case "file":
      return tokenInFile(token.path, log);
    case "generated":
      return {};
  }
}

/** The token of this moment: the file may have changed since the last start. */
function tokenInFile(path: string, log: Log): Environment {
  try {
    return { CLEF_AGENT_TOKEN: trimmed(readSmallFile(path)) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : "it cannot be read";
    log.warn(`CLEF_AGENT_TOKEN_FILE: ${problem}; the command gets no token`);
    return {};
  }
}

function tellOfOrphans(log: Log): void {
  if (process.pid !== 1) return;
  log.warn(
    "the agent is process 1 and does not reap orphans of other processes; if the command leaves any, use an init (docker run --init, shareProcessNamespace)",
  );
}
