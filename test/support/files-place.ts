import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AGE_IDENTITY } from "./artifacts.ts";
import { memoryDirectory } from "./files.ts";
import { type Lifetime, temporaryDirectory } from "./temporary.ts";

/** A directory for files in memory, and a source beside it. */
export interface FilesPlace {
  readonly directory: string;
  readonly source: string;
  /** What an agent between the two is configured with. */
  readonly env: Readonly<Record<string, string>>;
  /** Replaces what the source holds. */
  put(artifact: string): void;
}

export async function filesPlace(context: Lifetime): Promise<FilesPlace> {
  const directory = memoryDirectory(context);
  const source = join(await temporaryDirectory(context), "artifact.json");
  return {
    directory,
    source,
    env: {
      CLEF_AGENT_SOURCE: source,
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
      CLEF_AGENT_FILES_DIR: directory,
    },
    put(artifact) {
      writeFileSync(`${source}.new`, artifact);
      renameSync(`${source}.new`, source);
    },
  };
}
