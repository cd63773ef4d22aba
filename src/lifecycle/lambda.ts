import { basename } from "node:path";
import { startAgent } from "../agent.ts";
import type { Config } from "../config/config.ts";
import { AgentError, asAgentError } from "../errors.ts";
import { LAMBDA_INIT_MS, LAMBDA_SHUTDOWN_MS } from "../limits.ts";
import { waitFor } from "../system/wait-for.ts";
import type { Log } from "../telemetry/log.ts";
import { ExtensionsApi } from "./extensions-api.ts";
import { followEvents } from "./lambda-events.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { ProcessWatch } from "./process-watch.ts";

/**
 * The agent as an extension of a Lambda function, until Lambda shuts the environment down. What ends
 * it before that is reported to Lambda.
 *
 * @param host - where the Extensions API is, as `AWS_LAMBDA_RUNTIME_API` says.
 */
export function lambda(host: string, log: Log, exitNow: (code: number) => never): Lifecycle {
  // Lambda knows an extension by its file name in /opt/extensions.
  const extensionName = basename(process.argv[1] ?? process.execPath, ".js");
  const api = new ExtensionsApi({ host, extensionName, log });
  return {
    async run(config, runtime) {
      const { clock } = runtime;
      const watch = new ProcessWatch({ log, exitNow, lastWords: (error) => api.fail(error) });
      const agent = await startAgent(withinInit(config), runtime);
      watch.onHangUp = () => agent.refresh();
      const ended = await Promise.race([
        watch.signalled,
        agent.failed,
        followEvents(agent, api, clock).catch(internal),
      ]);
      if (ended instanceof AgentError) {
        log.error(ended.message, { code: ended.code });
        await api.fail(ended);
        await agent.stop("error");
        return 1;
      }
      if (ended === "signal") {
        await agent.stop("signal");
        return 0;
      }
      log.info("Lambda shuts the environment down", { shutdownReason: ended.shutdownReason });
      await waitFor(agent.stop("lambda_shutdown"), LAMBDA_SHUTDOWN_MS, clock);
      return 0;
    },
    startFailed: (error) => api.fail(error),
  };
}

/** Lambda ends an init phase after 10 s without a word of why; the agent says why before that. */
function withinInit(config: Config): Config {
  const { startupTimeoutMs } = config;
  const limited = startupTimeoutMs > 0 ? Math.min(startupTimeoutMs, LAMBDA_INIT_MS) : undefined;
  return { ...config, startupTimeoutMs: limited ?? LAMBDA_INIT_MS };
}

function internal(thrown: unknown): AgentError {
  return asAgentError(thrown, "internal", "the loop over Lambda's events broke");
}
