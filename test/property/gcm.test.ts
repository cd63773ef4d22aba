import assert from "node:assert/strict";
import { createCipheriv, randomBytes } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { openGcm } from "../../src/kms/gcm.ts";
import { inOneGo } from "../../src/system/slices.ts";

interface Sealed {
  readonly key: Buffer;
  readonly iv: Buffer;
  readonly tag: Buffer;
  readonly ciphertext: Buffer;
}

/** By OpenSSL. */
function seal(plaintext: Uint8Array): Sealed {
  const [key, iv] = [randomBytes(32), randomBytes(12)];
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: 16 });
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return { key, iv, tag: cipher.getAuthTag(), ciphertext };
}

const open = ({ key, iv, tag, ciphertext }: Sealed): Buffer =>
  inOneGo(openGcm(key, iv, tag, ciphertext));

const SLICE = 64 * 1024;
const lengths = fc.oneof(
  fc.nat(300),
  fc.constantFrom(0, 1, 15, 16, 17, SLICE - 1, SLICE, SLICE + 1, 2 * SLICE, 3 * SLICE + 7),
);

test("what OpenSSL sealed opens to what it was, at every length and at the borders of slices", () => {
  fc.assert(
    fc.property(lengths, (length) => {
      const plaintext = randomBytes(length);
      assert.ok(open(seal(plaintext)).equals(plaintext));
    }),
    { numRuns: 300 },
  );
});

test("nothing opens once any bit of key, iv, tag or ciphertext was turned", () => {
  const part = fc.constantFrom("key", "iv", "tag", "ciphertext");
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), part, fc.nat(), (length, which, at) => {
      const sealed = seal(randomBytes(length));
      const bytes = sealed[which];
      const bit = at % (bytes.length * 8);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.throws(() => open(sealed), /the tag does not fit/);
    }),
    { numRuns: 300 },
  );
});

test("a tag that is cut short is refused, and no ciphertext is changed by being opened", () => {
  const sealed = seal(Buffer.from("text"));
  const before = Buffer.from(sealed.ciphertext);
  assert.throws(() => open({ ...sealed, tag: sealed.tag.subarray(0, 4) }), /the tag does not fit/);
  open(sealed);
  assert.ok(sealed.ciphertext.equals(before));
});

test("opens the vector of NIST SP 800-38D's reviewers (McGrew and Viega, test case 14)", () => {
  const sealed = {
    key: Buffer.alloc(32),
    iv: Buffer.alloc(12),
    ciphertext: Buffer.from("cea7403d4d606b6e074ec5d3baf39d18", "hex"),
    tag: Buffer.from("d0d1c8a799996bf0265b98b5d48ab919", "hex"),
  };
  assert.ok(open(sealed).equals(Buffer.alloc(16)));
});
