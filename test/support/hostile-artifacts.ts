import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";
import type { KmsEnvelope } from "../../src/artifact/artifact.ts";
import { AGE_HYBRID_STANZAS_MAX, AGE_STANZAS_MAX, ARTIFACT_MAX_BYTES } from "../../src/limits.ts";
import { AGE_RECIPIENT } from "./artifacts.ts";

const STRANGER = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
/** As much as fits into base64 and leaves room for the other fields. */
const CIPHERTEXT = Math.floor((ARTIFACT_MAX_BYTES - 4_096) / 4) * 3;
const PAYLOAD = CIPHERTEXT - 16_384;
/** The data key of every envelope here. */
export const DATA_KEY: Buffer = randomBytes(32);

/** An artifact around any ciphertext, with the right hash. */
function around(
  ciphertext: string,
  fields: Readonly<Record<string, unknown>> = {},
): Buffer<ArrayBuffer> {
  const now = Date.now();
  return Buffer.from(
    JSON.stringify({
      version: 1,
      identity: "api-gateway",
      environment: "production",
      packedAt: new Date(now).toISOString(),
      revision: `${now}-${randomBytes(4).toString("hex")}`,
      ciphertextHash: createHash("sha256").update(ciphertext).digest("hex"),
      ciphertext,
      ...fields,
    }),
  );
}

async function age(
  payload: string,
  recipients: readonly string[] = [AGE_RECIPIENT],
): Promise<Buffer<ArrayBuffer>> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return around(Buffer.from(await encrypter.encrypt(payload)).toString("base64"));
}

/** An age file whose header is one stanza again and again. */
function manyStanzas(stanza: string): Buffer<ArrayBuffer> {
  const count = Math.floor((CIPHERTEXT - 100_000) / stanza.length);
  const header = `age-encryption.org/v1\n${stanza.repeat(count)}--- ${"A".repeat(43)}\n`;
  return around(Buffer.concat([Buffer.from(header), randomBytes(1_000)]).toString("base64"));
}

const base64 = (bytes: number): string => randomBytes(bytes).toString("base64").replace(/=+$/, "");

function envelope(payload: string, right: boolean): Buffer<ArrayBuffer> {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", DATA_KEY, iv, { authTagLength: 16 });
  const ciphertext = Buffer.concat([cipher.update(payload), cipher.final()]);
  const tag = right ? cipher.getAuthTag() : randomBytes(16);
  const fields: KmsEnvelope = {
    provider: "aws",
    keyId: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    wrappedKey: "AAAA",
    algorithm: "SYMMETRIC_DEFAULT",
    iv: iv.toString("base64"),
    authTag: tag.toString("base64"),
  };
  return around(ciphertext.toString("base64"), { envelope: fields });
}

/** Any text in the place of a field, where JSON gives it a form that JavaScript makes much of. */
function withField(name: string, json: string): Buffer<ArrayBuffer> {
  const text = around("AAAA").toString();
  return Buffer.from(`${text.slice(0, -1)},${JSON.stringify(name)}:${json}}`);
}

function filled(start: string, piece: string, end: string, bytes: number): string {
  const room = bytes - Buffer.byteLength(start) - Buffer.byteLength(end);
  return start + piece.repeat(Math.floor(room / Buffer.byteLength(piece))) + end;
}

const repeated = (text: string, times: number): readonly string[] =>
  Array.from({ length: times }, () => text);

const names = (count: number, name: (index: number) => string): string =>
  `{${Array.from({ length: count }, (_, index) => `${JSON.stringify(name(index))}:""`).join(",")}}`;

/** What somebody who can write to the source can put there, up to 16 MiB of it, by what it is. */
export const HOSTILE: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
  "one secret of 12 MiB": () => age(filled('{"A":"', "x", '"}', PAYLOAD)),
  "a secret made of escapes": () => age(filled('{"A":"', String.raw`\n`, '"}', PAYLOAD)),
  "a secret made of Unicode escapes": () =>
    age(filled('{"A":"', String.raw`\u0041`, '"}', PAYLOAD)),
  "a payload of white space": () => age(filled("{", " ", '"A":"x"}', PAYLOAD)),
  "a name of 12 MiB": () => age(filled('{"', String.raw`\u4e2d`, '":"x"}', PAYLOAD)),
  "a million short keys": () => age(names(1_000_000, String).slice(0, PAYLOAD)),
  "a payload of empty namespaces": () => age(`{${filled('"a":{}', ',"b":{}', "", PAYLOAD - 2)}}`),
  "as many keys as are allowed, with the longest names": () =>
    age(names(10_000, (index) => String(index).padStart(512, "é"))),
  "a payload of open braces": () => age("{".repeat(PAYLOAD)),
  "120,000 X25519 stanzas": () => manyStanzas(`-> X25519 ${base64(32)}\n${base64(32)}\n`),
  "7,000 post-quantum stanzas": () =>
    manyStanzas(`-> mlkem768x25519 ${base64(1_120)}\n${base64(32)}\n`),
  "stanzas of an unknown kind": () => manyStanzas("-> a\n\n"),
  "a stanza that never ends": () => manyStanzas(`-> X25519 ${base64(32)}\n${"A".repeat(64)}\n`),
  "as many stanzas as are allowed": () =>
    age(filled('{"A":"', "x", '"}', PAYLOAD - 65_536), repeated(STRANGER, AGE_STANZAS_MAX)),
  "as many post-quantum stanzas as are allowed": async () => {
    const recipient = await identityToRecipient(await generateHybridIdentity());
    return age('{"A":"x"}', repeated(recipient, AGE_HYBRID_STANZAS_MAX));
  },
  "a KMS envelope of 12 MiB": () => envelope(filled('{"A":"', "x", '"}', PAYLOAD), true),
  "a KMS envelope that was changed": () => envelope(filled('{"A":"', "x", '"}', PAYLOAD), false),
  "a ciphertext of random bytes": () => around(randomBytes(CIPHERTEXT).toString("base64")),
  "a ciphertext with a wrong character at its end": () =>
    around(`${randomBytes(CIPHERTEXT - 3).toString("base64")}AAA!`),
  "a ciphertext made of escapes": () =>
    withField("ciphertext", filled('"', String.raw`\u0041`, '"', ARTIFACT_MAX_BYTES - 1_000)),
  "an unknown field of wide text": () =>
    withField("x", filled('"', "中", '"', ARTIFACT_MAX_BYTES - 1_000)),
  "an identity of 16 MiB": () =>
    withField("identity", filled('"', "中", '"', ARTIFACT_MAX_BYTES - 1_000)),
  "a date of 16 MiB": () =>
    withField("packedAt", filled('"', "2", '"', ARTIFACT_MAX_BYTES - 1_000)),
  "a signature of 16 MiB": () =>
    withField("signature", filled('"', "AAAA", '"', ARTIFACT_MAX_BYTES - 1_000)),
  "JSON of white space": () =>
    Buffer.from(filled("", " ", around("AAAA").toString(), ARTIFACT_MAX_BYTES)),
  "JSON of empty arrays": () =>
    withField("x", filled("[[]", ",[]", "]", ARTIFACT_MAX_BYTES - 1_000)),
  "JSON nested as deep as it goes": () => withField("x", "[".repeat(9_900) + "]".repeat(9_900)),
  "JSON of open brackets": () => Buffer.from("[".repeat(ARTIFACT_MAX_BYTES)),
  quotes: () => Buffer.from('"'.repeat(ARTIFACT_MAX_BYTES)),
  "UTF-8 that breaks at its end": () =>
    Buffer.concat([Buffer.alloc(ARTIFACT_MAX_BYTES - 1, "中"), Buffer.of(0xff)]),
  "a marker that is nested as deep as it goes": () =>
    withField("revokedAt", "[".repeat(9_900) + "]".repeat(9_900)),
};
