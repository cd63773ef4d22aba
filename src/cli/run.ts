import { daemon } from "../lifecycle/daemon.ts";
import type { Command } from "./io.ts";
import { parseOptions, usage } from "./options.ts";
import { runAgent } from "./run-agent.ts";

/** `clef-agent run`: the agent itself, configured by the environment alone. */
export const run: Command = (args, io) => {
  const { positionals } = parseOptions(args, {});
  if (positionals.length > 0) throw usage("run takes no arguments; it is configured by variables");
  return runAgent(io, async (log) => {
    // Lambda names its API to every extension that it starts.
    const lambdaApi = io.env["AWS_LAMBDA_RUNTIME_API"];
    if (lambdaApi === undefined || lambdaApi === "") return daemon(io.exitNow);
    const { lambda } = await import("../lifecycle/lambda.ts");
    return lambda(lambdaApi, log, io.exitNow);
  });
};
