import * as fs from "node:fs";
import { FILES_RECORD_MAX_BYTES } from "../limits.ts";
import { authenticatedLines, type LineCodec } from "../system/authenticated-line.ts";
import type { Directory } from "./directory.ts";
import { nameOf } from "./layout.ts";

/** Until when a set may be there, for the agent after this one. */
export interface SetRecord {
  /** Unix time in milliseconds of the last successful refresh. */
  readonly refreshedAtMs: number;
  readonly expiresAtMs: number | undefined;
}

/**
 * Writes and reads the record beside a revision. It is authenticated with a key from the age identities
 * and the source, and names its revision; an agent without any identity (all KMS) has a fixed key.
 */
export class SetRecords {
  readonly #lines: LineCodec;

  constructor(identities: readonly string[], sourceKey: string) {
    this.#lines = authenticatedLines(identities, sourceKey, "clef-agent files 1");
  }

  encode(revision: string, { refreshedAtMs, expiresAtMs }: SetRecord): string {
    const expires = expiresAtMs ?? null;
    return this.#lines.encode(JSON.stringify({ revision, refreshedAtMs, expiresAtMs: expires }));
  }

  /**
   * @returns undefined where there is none, or one that is damaged, forged, of another revision or source,
   * or that somebody else could have written.
   */
  read(root: Directory, revision: string): SetRecord | undefined {
    try {
      const line = readOwn(root, nameOf(revision, "record"));
      const text = line === undefined ? undefined : this.#lines.decode(line);
      return text === undefined ? undefined : parse(text, revision);
    } catch {
      return undefined;
    }
  }
}

/** The text of a small file that this process's user wrote. */
function readOwn(root: Directory, name: string): string | undefined {
  const fd = root.openFile(name);
  try {
    const stats = fs.fstatSync(fd);
    const isOwn = stats.uid === (process.geteuid?.() ?? stats.uid) && (stats.mode & 0o022) === 0;
    if (!stats.isFile() || !isOwn || stats.size > FILES_RECORD_MAX_BYTES) return undefined;
    const bytes = Buffer.alloc(stats.size);
    return bytes.toString("utf8", 0, fs.readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    fs.closeSync(fd);
  }
}

/** Field by field, as without age identities the key is no secret. */
function parse(text: string, revision: string): SetRecord | undefined {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) return undefined;
  if (!("revision" in value && value.revision === revision)) return undefined;
  if (!("refreshedAtMs" in value && "expiresAtMs" in value)) return undefined;
  const { refreshedAtMs, expiresAtMs } = value;
  if (typeof refreshedAtMs !== "number" || !Number.isFinite(refreshedAtMs)) return undefined;
  if (expiresAtMs === null) return { refreshedAtMs, expiresAtMs: undefined };
  if (typeof expiresAtMs !== "number" || !Number.isFinite(expiresAtMs)) return undefined;
  return { refreshedAtMs, expiresAtMs };
}
