/**
 * The least that opening an age file can cost on Node: X25519, HKDF, HMAC and ChaCha20-Poly1305 as
 * OpenSSL has them, for a file of one X25519 recipient and one chunk (https://c2sp.org/age).
 */
import {
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  timingSafeEqual,
} from "node:crypto";

const PRIVATE_KEY_DER = Buffer.from("302e020100300506032b656e04220420", "hex");
const PUBLIC_KEY_DER = Buffer.from("302a300506032b656e032100", "hex");
const NOTHING = Buffer.alloc(0);
const TAG = 16;

/** @param identity - `AGE-SECRET-KEY-1…` */
export function opensslDecrypter(identity: string): (file: Buffer) => Buffer {
  const der = Buffer.concat([PRIVATE_KEY_DER, bech32Data(identity)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const recipient = createPublicKey(privateKey)
    .export({ format: "der", type: "spki" })
    .subarray(-32);

  return (file) => {
    const macLine = file.indexOf("\n--- ") + 1;
    const headerEnd = file.indexOf("\n", macLine) + 1;
    const [, stanza = "", body = ""] = file.toString("latin1", 0, macLine).split("\n");
    const share = Buffer.from(stanza.slice("-> X25519 ".length), "base64");
    const publicKey = createPublicKey({
      key: Buffer.concat([PUBLIC_KEY_DER, share]),
      format: "der",
      type: "spki",
    });
    const shared = diffieHellman({ privateKey, publicKey });
    const wrapKey = hkdf(shared, Buffer.concat([share, recipient]), "age-encryption.org/v1/X25519");
    const fileKey = open(wrapKey, Buffer.alloc(12), Buffer.from(body, "base64"));

    const mac = createHmac("sha256", hkdf(fileKey, NOTHING, "header"))
      .update(file.subarray(0, macLine + 3))
      .digest();
    const expected = Buffer.from(file.toString("latin1", macLine + 4, headerEnd - 1), "base64");
    if (!timingSafeEqual(mac, expected)) throw new Error("the header was changed");

    const payload = file.subarray(headerEnd);
    const nonce = Buffer.alloc(12);
    nonce[11] = 1;
    return open(hkdf(fileKey, payload.subarray(0, 16), "payload"), nonce, payload.subarray(16));
  };
}

function hkdf(key: Buffer, salt: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, info, 32));
}

function open(key: Buffer, nonce: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG });
  decipher.setAuthTag(sealed.subarray(-TAG));
  return Buffer.concat([decipher.update(sealed.subarray(0, -TAG)), decipher.final()]);
}

/** The bytes of a Bech32 text whose checksum nobody doubts: 5 bits a character, the last 6 checksum. */
function bech32Data(text: string): Buffer {
  const characters = text.toLowerCase().slice(text.lastIndexOf("1") + 1, -6);
  const bits = characters
    .split("")
    .map((character) => "qpzry9x8gf2tvdw0s3jn54khce6mua7l".indexOf(character))
    .map((value) => value.toString(2).padStart(5, "0"))
    .join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
