import assert from "node:assert/strict";
import { takeSecret } from "../../../src/kms/secret-json.ts";
import type { FuzzTarget } from "../target.ts";

/** The plain answer of a KMS that holds a data key, against `JSON.parse` and `Buffer`. */
export const target: FuzzTarget = {
  maxBytes: 300,
  seeds: [
    '{"Plaintext":"AAECAwQFBgcICQoLDA0ODw==","KeyId":"k"}',
    '{ "KeyId" : "Plaintext" , "Plaintext":\t"AAEC-_8" }',
    '{"a":{"Plaintext":"AAAA"},"Plaintext":"BBBB"}',
    '{"Plaintext":null}',
  ],
  words: [
    '"Plaintext"',
    '"Plaintext":"',
    '":"',
    "\\",
    '\\"',
    "=",
    "==",
    "-",
    "_",
    "{",
    "}",
    "[",
    "]",
  ],
  run(input) {
    const text = input.toString("utf8");
    const body = Buffer.from(input);
    const taken = takeSecret(body, "Plaintext");
    assert.equal(body.length, input.length);
    if (taken?.secret === undefined) return;
    const { secret } = taken;
    // Others than the one that was taken may stand for the same bytes: Node.js skips what is no base64.
    const same = text.split('"').filter((each) => Buffer.from(each, "base64").equals(secret));
    assert.ok(same.length > 0, "the secret is not in the answer");
    const isUnique = same.every((each) => each.length > 8 && text.split(each).length === 2);
    const left = body.toString("utf8");
    if (isUnique) assert.ok(!same.every((each) => left.includes(each)), "it is left in the answer");
  },
};
