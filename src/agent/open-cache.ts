import type { Config } from "../config/config.ts";
import type { AgentError } from "../errors.ts";
import type { Source } from "../source/source.ts";
import { type ArtifactCache, noCache } from "../store/artifact-cache.ts";
import { recordCodec } from "../store/cache-record.ts";
import { DiskCache } from "../store/disk-cache.ts";

/** The disk cache that the configuration asks for; `warn` is told of every trouble with it. */
export function openCache(
  config: Config,
  source: Source,
  warn: (error: AgentError) => void,
): ArtifactCache {
  if (config.cachePath === undefined) return noCache;
  const identities = config.ageIdentities.map(({ text }) => text);
  return new DiskCache({
    directory: config.cachePath,
    sourceKey: source.cacheKey,
    codec: recordCodec(identities, source.cacheKey),
    warn,
  });
}
