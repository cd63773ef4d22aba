import assert from "node:assert/strict";
import { recordCodec } from "../../../src/store/cache-record.ts";
import { authenticatedLines } from "../../../src/system/authenticated-line.ts";
import type { FuzzTarget } from "../target.ts";

// Without age identities the key is no secret, so anybody can authenticate what they like.
const codec = recordCodec([], "source");
const lines = authenticatedLines([], "source", "clef-agent disk cache 1");

const accepted = {
  identity: "api",
  environment: "production",
  packedAtMs: 1,
  revision: "1-00000001",
  digest: "00",
  signed: true,
};

/** The record of the disk cache, authenticated or not. */
export const target: FuzzTarget = {
  maxBytes: 600,
  seeds: [
    { artifact: null, refreshedAtMs: 0, memory: { revoked: [] } },
    {
      artifact: "0".repeat(64),
      refreshedAtMs: 1.5,
      memory: { newest: accepted, last: accepted, revoked: ["1-00000001"] },
    },
  ].map((record) => JSON.stringify(record)),
  words: ['"revoked":', '"memory":', '"artifact":', "null", "{}", "[]", "1e999", "true", '"', "\n"],
  run(input) {
    assert.equal(codec.decode(input.toString("latin1")), undefined, "nobody authenticated it");
    const record = codec.decode(lines.encode(input.toString("utf8")));
    if (record === undefined) return;
    assert.ok(record.artifact === null || /^[0-9a-f]{64}$/.test(record.artifact));
    assert.ok(Number.isFinite(record.refreshedAtMs));
    assert.ok(record.memory.revoked.every((revision) => typeof revision === "string"));
    // As text, in which -0 is 0.
    const text = codec.encode(record);
    const again = codec.decode(text);
    assert.ok(again !== undefined);
    assert.equal(codec.encode(again), text);
  },
};
