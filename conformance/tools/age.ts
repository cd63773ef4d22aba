/** age files, version 1 (https://age-encryption.org/v1), for X25519 recipients. */
import {
  createCipheriv,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { bech32 } from "./bech32.ts";
import { rememberSecret } from "./secret-texts.ts";

export interface AgeKey {
  /** `AGE-SECRET-KEY-1…` */
  readonly identity: string;
  /** `age1…` */
  readonly recipient: string;
  readonly publicKey: KeyObject;
}

const CHUNK = 64 * 1024;

export function newAgeKey(): AgeKey {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  const secret = Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url");
  const identity = rememberSecret(bech32("age-secret-key-", secret).toUpperCase());
  return { identity, recipient: bech32("age", raw(publicKey)), publicKey };
}

export function ageEncrypt(plaintext: Buffer, recipients: readonly AgeKey[]): Buffer {
  const fileKey = randomBytes(16);
  const stanzas = recipients.map((recipient) => stanza(fileKey, recipient)).join("");
  const head = `age-encryption.org/v1\n${stanzas}---`;
  const mac = createHmac("sha256", derive(fileKey, Buffer.alloc(0), "header")).update(head);
  const nonce = randomBytes(16);
  return Buffer.concat([
    Buffer.from(`${head} ${unpadded(mac.digest())}\n`),
    nonce,
    ...chunks(derive(fileKey, nonce, "payload"), plaintext),
  ]);
}

function stanza(fileKey: Buffer, { publicKey }: AgeKey): string {
  const ephemeral = generateKeyPairSync("x25519");
  const share = raw(createPublicKey(ephemeral.privateKey));
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey });
  const salt = Buffer.concat([share, raw(publicKey)]);
  const key = derive(shared, salt, "age-encryption.org/v1/X25519");
  return `-> X25519 ${unpadded(share)}\n${unpadded(seal(key, Buffer.alloc(12), fileKey))}\n`;
}

/** STREAM: chunks of 64 KiB, each under a counter, the last one marked. */
function chunks(key: Buffer, plaintext: Buffer): Buffer[] {
  const count = Math.max(1, Math.ceil(plaintext.length / CHUNK));
  return Array.from({ length: count }, (_none, at) => {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(at, 7);
    nonce[11] = at === count - 1 ? 1 : 0;
    return seal(key, nonce, plaintext.subarray(at * CHUNK, (at + 1) * CHUNK));
  });
}

function seal(key: Buffer, nonce: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function derive(key: Buffer, salt: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, info, 32));
}

function raw(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}
