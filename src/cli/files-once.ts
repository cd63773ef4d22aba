import { filesOnce } from "../lifecycle/files-once.ts";
import type { Command } from "./io.ts";
import { parseOptions, usage } from "./options.ts";
import { runAgent } from "./run-agent.ts";

/** `clef-agent files --once`: writes the secrets as files, leaves them and ends. */
export const files: Command = (args, io) => {
  const { positionals, values } = parseOptions(args, { once: { type: "boolean" } });
  if (positionals.length > 0) throw usage("files takes no arguments; variables configure it");
  if (values.once !== true) {
    throw usage("files takes --once; an agent that follows changes is clef-agent run");
  }
  return runAgent(io, () => Promise.resolve(filesOnce(io.exitNow)));
};
