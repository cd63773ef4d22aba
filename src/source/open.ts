import type { SourceConfig } from "../config/source.ts";
import type { Log } from "../telemetry/log.ts";
import { fileSource } from "./file.ts";
import { httpSource } from "./http.ts";
import type { Source } from "./source.ts";

/**
 * The source that the configuration names.
 *
 * @throws AgentError where the configuration cannot be right, such as a directory for a file.
 */
export async function openSource(config: SourceConfig, log: Log): Promise<Source> {
  switch (config.kind) {
    case "file":
      return fileSource(config.path);
    case "http":
      return httpSource(config.url);
    case "s3":
      return (await import("./s3.ts")).s3Source(config.location);
    case "vcs":
      return (await import("./vcs/open.ts")).openVcs(config, { log });
  }
}
