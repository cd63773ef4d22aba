import type { FilesConfig } from "../config/files.ts";
import { AgentError, systemCode } from "../errors.ts";
import { Directory } from "./directory.ts";

/** What `statfs` says of tmpfs and ramfs (statfs(2)). */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/**
 * Opens the directory for the files.
 *
 * @throws AgentError `config_invalid` if it is missing or not in memory.
 */
export function openRoot({ directory, onDisk }: FilesConfig): Directory {
  let root;
  try {
    root = Directory.open(directory);
  } catch (error) {
    throw invalid(`the directory cannot be opened (${systemCode(error) ?? "?"}); make it first`);
  }
  if (onDisk === "allow" || IN_MEMORY.has(root.fileSystemType())) return root;
  root.close();
  throw invalid(
    "the directory is not in memory (tmpfs or ramfs), so secrets would stay on a disk; mount a tmpfs there, or set CLEF_AGENT_FILES_ON_DISK=allow",
  );
}

function invalid(problem: string): AgentError {
  return new AgentError("config_invalid", `CLEF_AGENT_FILES_DIR: ${problem}`);
}
