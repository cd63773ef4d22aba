import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { copySecret } from "../../../src/system/copy-secret.ts";

test("a stretch of bytes is copied to its place, and nothing around it is touched", () => {
  const bytes = fc.uint8Array({ maxLength: 64 });
  fc.assert(
    fc.property(bytes, bytes, bytes, fc.nat(8), (before, secret, after, at) => {
      const source = Buffer.concat([before, secret, after]);
      const target = Buffer.alloc(at + secret.length + 4, 0xaa);
      const end = copySecret(target, at, source, before.length, before.length + secret.length);
      assert.equal(end, at + secret.length);
      const wanted = Buffer.alloc(target.length, 0xaa);
      wanted.set(secret, at);
      assert.deepEqual(target, wanted);
    }),
  );
});
