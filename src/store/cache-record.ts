import type { AcceptedArtifact, TrustMemory } from "../artifact/trust.ts";
import { authenticatedLines } from "../system/authenticated-line.ts";

/** The small file beside a cached artifact: when it was last good, and what must not come back. */
export interface CacheRecord {
  /** Hex SHA-256 of the artifact's bytes, which name its file; null where it was purged. */
  readonly artifact: string | null;
  readonly refreshedAtMs: number;
  readonly memory: TrustMemory;
}

/**
 * Authenticates records, so that nobody who can write to the directory makes an old artifact look
 * fresh, or that of another source look like ours. The key comes from the age identities; an agent
 * without any (all KMS) has a fixed key, which finds damage but no forgery.
 */
export interface RecordCodec {
  encode(record: CacheRecord): string;
  /** @returns undefined for what is damaged, forged, or of other identities or another source. */
  decode(text: string): CacheRecord | undefined;
}

const LABEL = "clef-agent disk cache 1";

export function recordCodec(identities: readonly string[], sourceKey: string): RecordCodec {
  const lines = authenticatedLines(identities, sourceKey, LABEL);
  return {
    encode: (record) => lines.encode(JSON.stringify(record)),
    decode(file) {
      const text = lines.decode(file);
      return text === undefined ? undefined : readRecord(text);
    },
  };
}

/** Checked field by field all the same: without age identities the key is no secret. */
function readRecord(text: string): CacheRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || !isObject(value["memory"])) return undefined;
  const { artifact, refreshedAtMs } = value;
  const memory = readMemory(value["memory"]);
  if (memory === undefined || !Number.isFinite(refreshedAtMs)) return undefined;
  if (artifact !== null && !(typeof artifact === "string" && /^[0-9a-f]{64}$/.test(artifact))) {
    return undefined;
  }
  return { artifact, refreshedAtMs: Number(refreshedAtMs), memory };
}

function readMemory(value: Record<string, unknown>): TrustMemory | undefined {
  const { newest, last, revoked } = value;
  if (!Array.isArray(revoked) || !revoked.every((item) => typeof item === "string"))
    return undefined;
  return isAccepted(newest) && isAccepted(last) ? { newest, last, revoked } : undefined;
}

function isAccepted(value: unknown): value is AcceptedArtifact | undefined {
  if (value === undefined) return true;
  return (
    isObject(value) &&
    Number.isFinite(value["packedAtMs"]) &&
    typeof value["identity"] === "string" &&
    typeof value["environment"] === "string" &&
    typeof value["revision"] === "string" &&
    typeof value["digest"] === "string" &&
    typeof value["signed"] === "boolean"
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
