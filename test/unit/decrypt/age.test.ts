import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import { ageWith } from "../../support/decrypting.ts";
import { coded } from "../../support/errors.ts";
import { PlaintextWatch } from "../../support/plaintext-watch.ts";

const mine = await generateX25519Identity();
const other = await generateX25519Identity();
const hybrid = await generateHybridIdentity();

async function encrypted(text: string | Uint8Array, ...identities: string[]): Promise<Buffer> {
  const encrypter = new Encrypter();
  for (const identity of identities) encrypter.addRecipient(await identityToRecipient(identity));
  return Buffer.from(await encrypter.encrypt(text));
}

const file = await encrypted("plain text", mine);
const refused = coded("decrypt");

describe("decrypting an age file", () => {
  test("leaves the plaintext behind, and none of the keys on the way to it", async (t) => {
    const decrypt = ageWith(other, mine);
    const watch = PlaintextWatch.start(t);
    const plaintext = await decrypt(file);
    assert.ok(watch.made > 4, "what each stanza was tried with, the file key, and the payload's");
    assert.deepEqual(watch.left, [plaintext]);
  });

  test("works with the identity that it was made for", async () => {
    assert.equal((await ageWith(mine)(file)).toString(), "plain text");
  });

  test("tries every identity, in any order", async () => {
    assert.equal((await ageWith(other, hybrid, mine)(file)).toString(), "plain text");
    assert.equal((await ageWith(mine, other)(file)).toString(), "plain text");
  });

  test("finds its own among several recipients", async () => {
    const shared = await encrypted("shared", other, mine);
    assert.equal((await ageWith(mine)(shared)).toString(), "shared");
    assert.equal((await ageWith(other)(shared)).toString(), "shared");
  });

  test("works with post-quantum hybrid identities", async () => {
    const quantum = await encrypted("later", hybrid);
    assert.equal((await ageWith(mine, hybrid)(quantum)).toString(), "later");
    await assert.rejects(ageWith(mine)(quantum), refused);
  });

  for (const size of [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000]) {
    test(`gives back ${size} bytes as they were`, async () => {
      const bytes = Buffer.alloc(size, "abc");
      assert.ok((await ageWith(mine)(await encrypted(bytes, mine))).equals(bytes));
    });
  }

  test("gives everyone a buffer of their own", async () => {
    const decrypt = ageWith(mine);
    const [one, two] = await Promise.all([decrypt(file), decrypt(file)]);
    one.fill(0);
    assert.equal(two.toString(), "plain text");
  });
});

describe("decrypting an age file fails", () => {
  test("without any identity, saying which variables to set", async () => {
    await assert.rejects(ageWith()(file), coded("decrypt", /CLEF_AGENT_AGE_KEY_FILE/));
  });

  test("with the wrong identity, saying so", async () => {
    await assert.rejects(ageWith(other)(file), coded("decrypt", /no configured age identity/));
  });

  test("for what is no age file", async () => {
    for (const text of ["", "hello", "age-encryption.org/v1\n", "age-encryption.org/v1\n--- x"]) {
      await assert.rejects(ageWith(mine)(Buffer.from(text)), refused);
    }
  });

  test("after a change of any byte", async () => {
    const decrypt = ageWith(mine);
    for (let at = 0; at < file.length; at++) {
      const changed = Buffer.from(file);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      await assert.rejects(decrypt(changed), refused, `byte ${at}`);
    }
  });

  test("when cut anywhere, or longer than it was", async () => {
    const decrypt = ageWith(mine);
    for (let length = 0; length < file.length; length++) {
      await assert.rejects(decrypt(file.subarray(0, length)), refused, `${length} bytes`);
    }
    await assert.rejects(decrypt(Buffer.concat([file, Buffer.from("x")])), refused);
  });

  test("when whole chunks are cut off, doubled or swapped", async () => {
    const CHUNK = 65_536 + 16;
    const large = await encrypted(Buffer.alloc(3 * 65_536, "abc"), mine);
    const start = large.length - 3 * CHUNK;
    const [head, a, b, c] = [
      large.subarray(0, start),
      large.subarray(start, start + CHUNK),
      large.subarray(start + CHUNK, start + 2 * CHUNK),
      large.subarray(start + 2 * CHUNK),
    ];
    assert.equal((await ageWith(mine)(Buffer.concat([head, a, b, c]))).length, 3 * 65_536);
    for (const chunks of [[a], [a, b], [a, c], [b, a, c], [a, a, b, c], [a, b, c, c], [c]]) {
      await assert.rejects(ageWith(mine)(Buffer.concat([head, ...chunks])), refused);
    }
  });

  test("for a share of low order, which would make the key known to all", async () => {
    const text = file.toString("latin1");
    const share = /-> X25519 (\S+)/.exec(text)?.[1] ?? "";
    const zero = Buffer.alloc(32).toString("base64").replace("=", "");
    const changed = Buffer.from(text.replace(share, zero), "latin1");
    await assert.rejects(ageWith(mine)(changed), refused);
  });

  test("without a word of the identity in its message", async () => {
    await assert.rejects(ageWith(other)(file), (error: Error) => {
      assert.ok(!error.message.includes(other));
      return true;
    });
  });
});
