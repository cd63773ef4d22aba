import assert from "node:assert/strict";
import { test } from "node:test";
import { parseObject, takeSecret, withSecret } from "../../../src/kms/secret-json.ts";

const KEY = Buffer.from("the key, which is a secret");

test("the secret is taken, the rest is read, and the body holds the secret no more", () => {
  const body = Buffer.from(JSON.stringify({ a: 1, Plaintext: KEY.toString("base64"), KeyId: "k" }));
  const taken = takeSecret(body, "Plaintext");
  assert.ok(taken?.secret?.equals(KEY));
  assert.equal(taken?.rest["KeyId"], "k");
  assert.ok(!body.includes(KEY.toString("base64").slice(0, 8)));
});

test("spaces around the colon do not matter, and base64url is read too", () => {
  const body = Buffer.from(`{\n  "value" :\t"${KEY.toString("base64url")}"\r\n}`);
  assert.ok(takeSecret(body, "value")?.secret?.equals(KEY));
});

test("a value that looks like the member is not taken for it", () => {
  const inner = '","Plaintext":"AAAA';
  const value = KEY.toString("base64");
  for (const body of [
    { x: "Plaintext", Plaintext: value },
    { x: inner, Plaintext: value },
  ]) {
    const taken = takeSecret(Buffer.from(JSON.stringify(body)), "Plaintext");
    assert.ok(taken?.secret?.equals(KEY), JSON.stringify(body));
  }
});

test("without the member, or with something else in it, there is no secret", () => {
  for (const body of ["{}", '{"Plaintext":1}', '{"Plaintext":"*"}', '{"Plaintext":null}']) {
    assert.deepEqual(takeSecret(Buffer.from(body), "Plaintext")?.secret, undefined, body);
  }
});

test("what is no JSON object is nothing, and its secret is gone all the same", () => {
  for (const rest of ["", "}x", ",", "]"]) {
    const body = Buffer.from(`{"Plaintext":"${KEY.toString("base64")}"${rest}`);
    assert.equal(takeSecret(body, "Plaintext"), undefined);
    assert.ok(!body.includes(KEY.toString("base64").slice(0, 8)));
  }
  assert.equal(parseObject(Buffer.from("[]")), undefined);
});

test("a request is JSON with the secret in it, and as long as it must be", () => {
  for (const alphabet of ["base64", "base64url"] as const) {
    const body = withSecret({ KeyId: 'a "quoted" name' }, "Plaintext", KEY, alphabet);
    assert.deepEqual(JSON.parse(body.toString()), {
      KeyId: 'a "quoted" name',
      Plaintext: KEY.toString(alphabet),
    });
  }
});
