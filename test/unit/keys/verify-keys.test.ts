import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, test } from "node:test";
import { generateSigningKey, parseSigningKey } from "../../../src/keys/signing-keys.ts";
import { parseVerifyKeys } from "../../../src/keys/verify-keys.ts";

const ed25519 = generateKeyPairSync("ed25519");
const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const base64 = (key: KeyObject): string =>
  key.export({ type: "spki", format: "der" }).toString("base64");
const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" });
const algorithms = (text: string): readonly string[] =>
  parseVerifyKeys(text).map(({ algorithm }) => algorithm);

describe("verify keys", () => {
  test("may be base64 of DER or PEM", () => {
    assert.deepEqual(algorithms(base64(ed25519.publicKey)), ["Ed25519"]);
    assert.deepEqual(algorithms(pem(p256.publicKey)), ["ECDSA_SHA256"]);
  });

  test("may have their newlines written out, as env files have them", () => {
    const escaped = pem(ed25519.publicKey).replaceAll("\n", String.raw`\n`);
    assert.deepEqual(algorithms(escaped), ["Ed25519"]);
  });

  for (const [what, space] of [
    ["spaces", " "],
    ["several spaces", "   "],
    ["nothing", ""],
    ["carriage returns", "\r\n"],
  ] as const) {
    test(`may have ${what} where newlines were, as secret stores make it`, () => {
      const [a, b] = [pem(ed25519.publicKey), pem(p256.publicKey)];
      const spaced = `${a}${b}`.replaceAll("\n", space);
      assert.deepEqual(algorithms(spaced), ["Ed25519", "ECDSA_SHA256"]);
      assert.deepEqual(
        parseVerifyKeys(spaced).map(({ key }) => key.export({ type: "spki", format: "pem" })),
        [a, b],
      );
    });
  }

  test("may be several, in one list or one PEM file, of both kinds", () => {
    const [a, b] = [ed25519.publicKey, p256.publicKey];
    assert.deepEqual(algorithms(` ${base64(a)} ,\n${base64(b)},`), ["Ed25519", "ECDSA_SHA256"]);
    assert.deepEqual(algorithms(`${pem(a)}${pem(b)}`), ["Ed25519", "ECDSA_SHA256"]);
    assert.deepEqual(algorithms(`${pem(a)},${base64(b)}`), ["Ed25519", "ECDSA_SHA256"]);
  });

  const REFUSED: Readonly<Record<string, readonly [string, RegExp]>> = {
    nothing: ["", /no public key/],
    "commas alone": [" , ", /no public key/],
    "no key": ["bm8ga2V5", /it is not a public key/],
    "no base64": ["%%%", /it is not a public key/],
    "a private key": [ed25519.privateKey.export({ type: "pkcs8", format: "pem" }), /private key/],
    "an RSA key": [
      base64(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey),
      /neither an Ed25519 nor an ECDSA P-256/,
    ],
    "a P-384 key": [
      base64(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey),
      /neither an Ed25519 nor an ECDSA P-256/,
    ],
    "an Ed448 key": [
      base64(generateKeyPairSync("ed448").publicKey),
      /neither an Ed25519 nor an ECDSA P-256/,
    ],
    "an X25519 key": [
      base64(generateKeyPairSync("x25519").publicKey),
      /neither an Ed25519 nor an ECDSA P-256/,
    ],
    "one wrong among several": [`${base64(ed25519.publicKey)},zzz`, /key 2 of 2 is not/],
  };
  for (const [what, [text, message]] of Object.entries(REFUSED)) {
    test(`may not be ${what}`, () => assert.throws(() => parseVerifyKeys(text), message));
  }

  test("may not be a private key in base64", () => {
    const der = ed25519.privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
    assert.throws(() => parseVerifyKeys(der), /not a public key|private key/);
  });
});

describe("signing keys", () => {
  test("may be PEM or base64 DER, of both kinds", () => {
    for (const [{ privateKey }, algorithm] of [
      [ed25519, "Ed25519"],
      [p256, "ECDSA_SHA256"],
    ] as const) {
      const text = privateKey.export({ type: "pkcs8", format: "pem" });
      const der = privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
      const onOneLine = [String.raw`\n`, " ", ""].map((space) => text.replaceAll("\n", space));
      for (const form of [text, ...onOneLine, der]) {
        assert.equal(parseSigningKey(form).algorithm, algorithm);
      }
    }
  });

  test("may be nothing else, and are not shown", () => {
    const broken = "-----BEGIN PRIVATE KEY----- sk_alpha -----END PRIVATE KEY-----";
    for (const text of ["", "sk_alpha", broken, base64(ed25519.publicKey), pem(p256.publicKey)]) {
      assert.throws(
        () => parseSigningKey(text),
        (error: Error) => error.message.startsWith("it is ") && !error.message.includes("sk_alpha"),
      );
    }
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const rsaPem = rsa.export({ type: "pkcs8", format: "pem" });
    assert.throws(() => parseSigningKey(rsaPem), /neither an Ed25519 nor an ECDSA P-256/);
  });

  test("that are made here fit together", () => {
    const { privatePem, verifyKey } = generateSigningKey();
    assert.equal(parseSigningKey(privatePem).algorithm, "Ed25519");
    assert.deepEqual(algorithms(verifyKey), ["Ed25519"]);
  });
});
