import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AGE_CHUNK, AGE_TAG, checkStanzas, readAgeFile } from "../../../src/artifact/age-file.ts";

const MAC = `--- ${"m".repeat(42)}A`;
const STANZA = `-> X25519 ${"s".repeat(42)}A\n${"b".repeat(42)}A\n`;
const EMPTY_PAYLOAD = Buffer.alloc(32);

function file(header: string, payload: Uint8Array = EMPTY_PAYLOAD): Buffer {
  return Buffer.concat([Buffer.from(header), payload]);
}
const START = "age-encryption.org/v1\n";
const RIGHT = `${START}${STANZA}${MAC}\n`;

describe("readAgeFile", () => {
  test("says where everything is", () => {
    const read = readAgeFile(file(RIGHT));
    assert.equal(read?.payload, RIGHT.length);
    assert.equal(read.macLine, RIGHT.length - MAC.length - 1);
    assert.equal(read.mac.length, 32);
    const [stanza] = read.stanzas;
    assert.equal(stanza?.type, "X25519");
    assert.deepEqual([stanza.args.length, stanza.body.length], [1, 32]);
    assert.equal(RIGHT.slice(stanza.start, stanza.end), STANZA);
  });

  test("counts the plaintext by the chunks of the payload", () => {
    const full = AGE_CHUNK + AGE_TAG;
    for (const [payload, plaintext] of [
      [16 + 16, 0],
      [16 + 17, 1],
      [16 + full, AGE_CHUNK],
      [16 + full + 17, AGE_CHUNK + 1],
      [16 + 2 * full, 2 * AGE_CHUNK],
      [0, undefined],
      [15, undefined],
      [16, undefined],
      [16 + 15, undefined],
      [16 + full + 1, undefined],
      [16 + full + 15, undefined],
      [16 + full + 16, undefined],
    ] as const) {
      const read = readAgeFile(file(RIGHT, Buffer.alloc(payload)));
      assert.equal(read?.plaintextLength, plaintext, `${payload} bytes`);
    }
  });

  for (const [what, header] of [
    ["nothing", ""],
    ["JSON", '{"DB_URL":"postgres://db/app"}'],
    ["zeros, as of a pool of memory", "\0".repeat(8_192)],
    ["another version", RIGHT.replace("/v1", "/v2")],
    ["text before it", ` ${RIGHT}`],
    ["no recipient", `${START}${MAC}\n`],
    ["no MAC", `${START}${STANZA}`],
    ["a MAC that is cut short", `${START}${STANZA}--- abc\n`],
    ["a stanza without its body", `${START}-> X25519 abc\n${MAC}\n`],
    ["a body that is no base64", `${START}-> X25519 abc\n=\n${MAC}\n`],
    ["two spaces in a stanza", RIGHT.replace("X25519 ", "X25519  ")],
    ["a control character in a stanza", RIGHT.replace("X25519", "X\u001B5519")],
    ["a line without end", `${START}-> ${"a".repeat(10_000)}`],
    ["carriage returns", RIGHT.replaceAll("\n", "\r\n")],
    ["ASCII armor", "-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3JnL3YxCg==\n"],
  ] as const) {
    test(`takes ${what} for no age file`, () => {
      assert.equal(readAgeFile(file(header)), undefined);
    });
  }

  test("takes no beginning of an age file for one, unless its last chunk is cut", () => {
    const whole = file(RIGHT, Buffer.alloc(16 + 16 + 5));
    for (let length = 0; length < RIGHT.length + 32; length++) {
      assert.equal(readAgeFile(whole.subarray(0, length)), undefined);
    }
  });
});

describe("the bounds of an age header", () => {
  const refusal = (what: string): object => ({ code: "decrypt", message: new RegExp(what) });
  const stanzas = (count: number, type: string): { readonly type: string }[] =>
    Array.from({ length: count }, () => ({ type }));

  test("are 256 KiB of it, however they are filled", () => {
    const bytes = 256 * 1024;
    const large = refusal("it is encrypted to more than 262144 bytes of recipients");
    for (const [piece, before] of [
      [STANZA, ""],
      ["-> a\n\n", ""],
      [`${"A".repeat(64)}\n`, "-> X25519 a\n"],
    ] as const) {
      const header = `${START}${before}${piece.repeat(Math.ceil(bytes / piece.length))}`;
      assert.throws(() => readAgeFile(file(`${header}${STANZA}${MAC}\n`)), large);
    }
  });

  test("are 256 stanzas, and 20 post-quantum ones among them", () => {
    checkStanzas([...stanzas(236, "X25519"), ...stanzas(20, "mlkem768x25519")]);
    for (const type of ["X25519", "p256tag", "unknown"]) {
      assert.throws(() => checkStanzas(stanzas(257, type)), refusal("more than 256 recipients"));
    }
    assert.throws(
      () => checkStanzas(stanzas(21, "mlkem768x25519")),
      refusal("more than 20 post-quantum recipients"),
    );
  });
});
