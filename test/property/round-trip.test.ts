import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { payloadTag, Snapshot } from "../../src/store/snapshot.ts";
import { pack } from "../support/artifacts.ts";
import { text } from "../support/arbitraries.ts";
import { decrypt } from "../support/decrypting.ts";
import { SIGNED, verified } from "../support/verified.ts";

const secrets = fc.dictionary(text, fc.oneof(text, fc.dictionary(text, text, { maxKeys: 3 })), {
  maxKeys: 5,
});

test("what is packed is what is served, for any secrets, identity and environment", async () => {
  const name = fc.string({ minLength: 1, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(
      secrets,
      name,
      name,
      fc.boolean(),
      async (given, identity, environment, signed) => {
        const payload = JSON.stringify(given);
        const options = { payload, identity, environment, signed };
        const policy = { identity, environment, verifyKeys: signed ? SIGNED.verifyKeys : [] };
        const artifact = verified(await pack(options), { policy });
        const plaintext = await decrypt(artifact);
        assert.equal(plaintext.toString(), payload);
        let snapshot;
        try {
          snapshot = new Snapshot(artifact.fields.revision, payloadTag(artifact.fields), plaintext);
        } catch (error) {
          assert.match(String(error), /twice/);
          return;
        }
        assert.deepEqual(JSON.parse(snapshot.nested.toString()), JSON.parse(payload));
      },
    ),
    { numRuns: 150 },
  );
});

test("payloads of every size around the chunks of age come back whole", async () => {
  const CHUNK = 64 * 1024;
  const around = [0, CHUNK, 2 * CHUNK].flatMap((size) =>
    [-2, -1, 0, 1, 2].map((more) => Math.max(10, size + more)),
  );
  for (const size of around) {
    const payload = `{"K":"${"x".repeat(size - '{"K":""}'.length)}"}`;
    assert.equal(payload.length, size);
    const plaintext = await decrypt(verified(await pack({ payload })));
    assert.equal(plaintext.toString(), payload);
  }
});
