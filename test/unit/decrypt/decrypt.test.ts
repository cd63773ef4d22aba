import assert from "node:assert/strict";
import { test } from "node:test";
import { altered, pack } from "../../support/artifacts.ts";
import { decrypt } from "../../support/decrypting.ts";
import { verified } from "../../support/verified.ts";

test("a verified artifact becomes the plaintext that was packed", async () => {
  const payload = '{"KEY": "v\\u0041lue"}';
  assert.equal((await decrypt(verified(await pack({ payload })))).toString(), payload);
});

test("a KMS envelope is never opened as an age file", async () => {
  const envelope = {
    provider: "aws",
    keyId: "arn:alpha",
    wrappedKey: "AAAA",
    algorithm: "SYMMETRIC_DEFAULT",
    iv: Buffer.alloc(12).toString("base64"),
    authTag: Buffer.alloc(16).toString("base64"),
  };
  await assert.rejects(decrypt(verified(altered(await pack(), { envelope }))), {
    code: "kms_unwrap",
  });
});
