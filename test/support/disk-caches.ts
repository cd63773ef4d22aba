import { recordCodec } from "../../src/store/cache-record.ts";
import { DiskCache } from "../../src/store/disk-cache.ts";
import { AGE_IDENTITY } from "./artifacts.ts";

export interface OpenCache {
  readonly cache: DiskCache;
  /** Messages of the warnings so far. */
  readonly warnings: readonly string[];
}

/** A disk cache as one process has it; another call is another process. */
export function openDiskCache(
  directory: string,
  options: { readonly sourceKey?: string; readonly identities?: readonly string[] } = {},
): OpenCache {
  const warnings: string[] = [];
  const sourceKey = options.sourceKey ?? "file /artifact.json";
  const cache = new DiskCache({
    directory,
    sourceKey,
    codec: recordCodec(options.identities ?? [AGE_IDENTITY], sourceKey),
    warn: (error) => warnings.push(`${error.code}: ${error.message}`),
  });
  return { cache, warnings };
}
