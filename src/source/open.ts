import type { SourceConfig } from "../config/source.ts";
import type { Network } from "../net/network.ts";
import type { Log } from "../telemetry/log.ts";
import { fileSource } from "./file.ts";
import type { Source } from "./source.ts";

export interface SourceParts {
  readonly log: Log;
  readonly network: Network;
}

/**
 * The source that the configuration names.
 *
 * @throws AgentError where the configuration cannot be right, such as a directory for a file.
 */
export async function openSource(
  config: SourceConfig,
  { log, network }: SourceParts,
): Promise<Source> {
  switch (config.kind) {
    case "file":
      return fileSource(config.path);
    case "http":
      return (await import("./http.ts")).httpSource(config.url, { network });
    case "s3":
      return (await import("./s3.ts")).s3Source(config.location, { network });
    case "gcs":
      return (await import("./gcs.ts")).gcsSource(config.location, { network });
    case "azure_blob":
      return (await import("./azure-blob.ts")).azureBlobSource(config.location, { network });
    case "vcs":
      return (await import("./vcs/open.ts")).openVcs(config, { log, network });
  }
}
