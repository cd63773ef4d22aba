import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { NOTHING_ACCEPTED } from "../../../src/artifact/trust.ts";
import { type CacheRecord, recordCodec } from "../../../src/store/cache-record.ts";
import { AGE_IDENTITY } from "../../support/artifacts.ts";

const RECORD: CacheRecord = {
  artifact: "ab".repeat(32),
  refreshedAtMs: 1_700_000_000_000.5,
  memory: {
    newest: {
      identity: "api",
      environment: "production",
      packedAtMs: 1,
      revision: "1-é",
      digest: "cd".repeat(32),
      signed: true,
    },
    last: undefined,
    revoked: ["0-a", "0-b"],
  },
};
const codec = recordCodec([AGE_IDENTITY], "file /a");

describe("the cache record", () => {
  test("reads back as it was written", () => {
    assert.deepEqual(codec.decode(codec.encode(RECORD)), RECORD);
    const purged = { artifact: null, refreshedAtMs: 0, memory: NOTHING_ACCEPTED };
    assert.deepEqual(codec.decode(codec.encode(purged)), purged);
  });

  test("is void after any change of a byte", () => {
    const good = Buffer.from(codec.encode(RECORD));
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 1;
      assert.equal(codec.decode(bad.toString("utf8")), undefined, `byte ${at}`);
    }
  });

  test("is checked field by field even when its stamp is right", () => {
    // Without age identities anyone can make a right stamp.
    const open = recordCodec([], "file /a");
    const bad = [
      null,
      7,
      [],
      {},
      { ...RECORD, artifact: "../../etc/passwd" },
      { ...RECORD, artifact: undefined },
      { ...RECORD, refreshedAtMs: "now" },
      { ...RECORD, refreshedAtMs: null },
      { ...RECORD, memory: null },
      { ...RECORD, memory: { revoked: "all" } },
      { ...RECORD, memory: { revoked: [7] } },
      { ...RECORD, memory: { newest: {}, revoked: [] } },
      { ...RECORD, memory: { newest: null, revoked: [] } },
      { ...RECORD, memory: { last: { identity: "api" }, revoked: [] } },
    ];
    for (const record of bad) {
      assert.equal(
        open.decode(open.encode(record as CacheRecord)),
        undefined,
        JSON.stringify(record),
      );
    }
    assert.deepEqual(open.decode(open.encode(RECORD)), RECORD);
  });
});
