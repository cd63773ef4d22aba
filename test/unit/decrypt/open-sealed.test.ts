import assert from "node:assert/strict";
import { createCipheriv, randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import start from "libsodium";
import {
  openInJavaScript,
  openInWebAssembly,
  type OpenSealed,
} from "../../../src/decrypt/open-sealed.ts";
import { openWith } from "../../../src/decrypt/sodium.ts";

interface Sealed {
  readonly key: Buffer;
  readonly nonce: Buffer;
  readonly plaintext: Buffer;
  readonly sealed: Buffer;
}

/** By OpenSSL. */
function seal(length: number): Sealed {
  const [key, nonce, plaintext] = [randomBytes(32), randomBytes(12), randomBytes(length)];
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { key, nonce, plaintext, sealed };
}

const LENGTHS = [0, 1, 15, 16, 17, 63, 64, 65, 1_021, 65_535, 65_536];

const WAYS: readonly (readonly [string, OpenSealed])[] = [
  ["in JavaScript", openInJavaScript],
  ["in WebAssembly", await openInWebAssembly()],
];

test("there is a way of its own where there is WebAssembly", async () => {
  assert.notEqual(await openInWebAssembly(), openInJavaScript);
});

for (const [how, open] of WAYS) {
  describe(`ChaCha20-Poly1305 ${how}`, () => {
    test("opens what OpenSSL has sealed, of any length", () => {
      for (const length of LENGTHS) {
        const { key, nonce, plaintext, sealed } = seal(length);
        const room = Buffer.alloc(length);
        open(key, nonce, sealed, room);
        assert.deepEqual(room, plaintext, `${length} bytes`);
      }
    });

    test("refuses what was changed in any byte, cut short, or sealed with another key", () => {
      const { key, nonce, sealed } = seal(37);
      const room = Buffer.alloc(37);
      for (let at = 0; at < sealed.length; at++) {
        const changed = Buffer.from(sealed);
        changed[at] = (changed[at] ?? 0) ^ 1;
        assert.throws(() => open(key, nonce, changed, room));
      }
      assert.throws(() => open(key, nonce, sealed.subarray(0, -1), room.subarray(0, -1)));
      assert.throws(() => open(key, nonce, sealed.subarray(0, 15), Buffer.alloc(0)));
      assert.throws(() => open(randomBytes(32), nonce, sealed, room));
      assert.throws(() => open(key, randomBytes(12), sealed, room));
    });

    test("takes the key and the nonce of no other cipher", () => {
      const { key, nonce, sealed } = seal(8);
      assert.throws(() => open(key.subarray(1), nonce, sealed, Buffer.alloc(8)));
      assert.throws(() => open(key, randomBytes(24), sealed, Buffer.alloc(8)));
    });
  });
}

test("the memory of libsodium holds nothing of a plaintext or a key once it was opened", async () => {
  const sodium = await start({});
  const open = openWith(sodium);
  for (const length of LENGTHS) {
    const { key, nonce, plaintext, sealed } = seal(length);
    open(key, nonce, sealed, Buffer.alloc(length));
    assert.equal(piecesIn(sodium.HEAPU8, plaintext), 0, `plaintext of ${length} bytes`);
    assert.equal(piecesIn(sodium.HEAPU8, key), 0, `key for ${length} bytes`);
  }
});

/** How many places of the memory hold any five bytes that follow each other in the secret. */
function piecesIn(memory: Uint8Array, secret: Buffer): number {
  const pieces = new Set<number>();
  const at = (bytes: Uint8Array, index: number): number =>
    [0, 1, 2, 3, 4].reduce((sum, further) => sum * 256 + (bytes[index + further] ?? 0), 0);
  for (let index = 0; index + 5 <= secret.length; index++) pieces.add(at(secret, index));
  let found = 0;
  for (let index = 0; index + 5 <= memory.length; index++) {
    if (memory[index] !== 0 && pieces.has(at(memory, index))) found++;
  }
  return found;
}
