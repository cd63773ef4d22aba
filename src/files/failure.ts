import { AgentError, systemCode } from "../errors.ts";
import { MovedError } from "./directory.ts";

/** Why files could not be written or removed, for an operator. */
export function filesFailure(thrown: unknown, verb: "written" | "removed"): AgentError {
  if (thrown instanceof AgentError) return thrown;
  const code = thrown instanceof MovedError ? "moved" : (systemCode(thrown) ?? "?");
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return new AgentError(
        "files_full",
        "the file system of CLEF_AGENT_FILES_DIR is full, so the old files stay; make it larger: two sets must fit for a moment",
      );
    case "moved":
    case "EEXIST":
    case "ENOTEMPTY":
      return new AgentError(
        "files_foreign",
        `something else changes the agent's own names in CLEF_AGENT_FILES_DIR, so they cannot be ${verb}; give the agent a directory of its own`,
      );
    case "ENOENT":
      return new AgentError(
        "files_failed",
        `the files cannot be ${verb}: the directory that CLEF_AGENT_FILES_DIR named is gone; restart the agent`,
      );
    default:
      return new AgentError(
        "files_failed",
        `the files in CLEF_AGENT_FILES_DIR cannot be ${verb} (${code}); the agent's user needs the right to read, write and enter it`,
      );
  }
}

/** Something of another's has the name of what the agent is to write. */
export function foreignName(name: string): AgentError {
  return new AgentError(
    "files_foreign",
    `CLEF_AGENT_FILES_DIR holds "${name}", which the agent did not make and leaves alone; remove or rename it`,
  );
}
