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
export async function openSource(config: SourceConfig): Promise<Source> {
  switch (config.kind) {
    case "file":
      return fileSource(config.path);
    case "http":
      return httpSource(config.url);
    case "s3":
      return (await import("./s3.ts")).s3Source(config.location);
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
