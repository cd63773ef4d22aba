import type { SourceConfig } from "../config/source.ts";
import { AgentError } from "../errors.ts";
import { fileSource } from "./file.ts";
import { httpSource } from "./http.ts";
import type { Source } from "./source.ts";

/**
 * The source that the configuration names.
 *
 * @throws AgentError `source_unsupported` for kinds that this version cannot read.
 */
export function openSource(config: SourceConfig): Source {
  switch (config.kind) {
    case "file":
      return fileSource(config.path);
    case "http":
      return httpSource(config.url);
    case "s3":
      throw unsupported(
        "s3:// in CLEF_AGENT_SOURCE",
        "give an https:// URL, such as a presigned one",
      );
    case "vcs":
      throw unsupported("CLEF_AGENT_VCS_PROVIDER", "give a file path or URL in CLEF_AGENT_SOURCE");
  }
}

function unsupported(what: string, instead: string): AgentError {
  return new AgentError(
    "source_unsupported",
    `${what} is not supported by this version; ${instead}`,
  );
}
