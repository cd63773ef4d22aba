import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { logChanges } from "../../../src/feed/log-changes.ts";
import type { Change } from "../../../src/refresh/changes.ts";
import { createLog } from "../../../src/telemetry/log.ts";
import { newChanges, REVOKED, SERVING } from "../../support/changes.ts";

function logged(...changes: readonly Change[]): readonly unknown[] {
  const lines: unknown[] = [];
  const log = createLog({
    level: "info",
    format: "json",
    write: (line) => lines.push(JSON.parse(line, (name, value: unknown) => omitted(name, value))),
    now: () => 0,
  });
  const stream = newChanges();
  logChanges(stream, log);
  for (const change of changes) stream.publish(change);
  log.info("later");
  return lines;
}

function omitted(name: string, value: unknown): unknown {
  return ["time", "level", "message"].includes(name) ? undefined : value;
}

describe("the log of changes", () => {
  test("names the revision of what was refreshed, on later lines too", () => {
    const revision = "1-00000001";
    assert.deepEqual(logged(SERVING), [
      { event: "artifact.refreshed", revision, keyCount: 2, kmsEnvelope: false },
      { revision },
    ]);
  });

  test("takes what came from the disk cache for no refresh", () => {
    assert.deepEqual(logged({ ...SERVING, from: "disk_cache" }), [{ revision: "1-00000001" }]);
  });

  test("says which revision was revoked, and names none afterwards", () => {
    const [, ...rest] = logged(SERVING, REVOKED);
    assert.deepEqual(rest, [
      { revision: "1-00000001", event: "artifact.revoked", revokedAt: "2026-06-01T00:00:00Z" },
      {},
    ]);
  });

  test("tells the end of the TTL in seconds", () => {
    const end: Change = {
      kind: "ended",
      reason: "cache_expired",
      ttlMs: 300_000,
      diskCachePurged: true,
    };
    assert.deepEqual(logged(end), [
      { event: "cache.expired", cacheTtlSeconds: 300, diskCachePurged: true },
      {},
    ]);
  });
});
