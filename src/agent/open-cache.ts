import type { Config } from "../config/config.ts";
import type { Source } from "../source/source.ts";
import { type ArtifactCache, noCache } from "../store/artifact-cache.ts";
import { recordCodec } from "../store/cache-record.ts";
import { DiskCache } from "../store/disk-cache.ts";
import type { Log } from "../telemetry/log.ts";

/** The disk cache that the configuration asks for; every trouble with it is a warning. */
export function openCache(config: Config, source: Source, log: Log): ArtifactCache {
  if (config.cachePath === undefined) return noCache;
  const identities = config.ageIdentities.map(({ text }) => text);
  return new DiskCache({
    directory: config.cachePath,
    sourceKey: source.cacheKey,
    codec: recordCodec(identities, source.cacheKey),
    warn: (error) => log.warn(error.message, { code: error.code }),
  });
}
