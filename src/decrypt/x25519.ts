import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { base64nopad } from "@scure/base";
import type { Identity, Stanza } from "age-encryption";
import { type AgeIdentity, identityBytes } from "../keys/age-identities.ts";
import { secretBuffer } from "../system/secret-buffer.ts";

/** What stands before the 32 key bytes in PKCS#8 and in SPKI (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");
const SPKI = Buffer.from("302a300506032b656e032100", "hex");
const LABEL = "age-encryption.org/v1/X25519";
const ZERO_NONCE = Buffer.alloc(12);
const TAG = 16;
const FILE_KEY = 16;

/**
 * An X25519 identity (https://c2sp.org/age, "The X25519 recipient type") whose arithmetic OpenSSL
 * does: the library's own is JavaScript, which makes the first decrypt and every start slower.
 */
export class X25519Identity implements Identity {
  readonly #privateKey: KeyObject;
  readonly #publicKey: Buffer;

  constructor(identity: AgeIdentity) {
    const secret = identityBytes(identity);
    const der = Buffer.concat([PKCS8, secret]);
    this.#privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    secret.fill(0);
    der.fill(0);
    const spki = createPublicKey(this.#privateKey).export({ format: "der", type: "spki" });
    this.#publicKey = spki.subarray(SPKI.length);
  }

  /**
   * @returns the file key from the stanza that was made for this identity, or null if none was.
   * @throws Error if an X25519 stanza is malformed, or its share is of low order.
   */
  unwrapFileKey(stanzas: Stanza[]): Uint8Array | null {
    for (const stanza of stanzas) {
      const [type, encodedShare, ...more] = stanza.args;
      if (type !== "X25519") continue;
      const share = encodedShare === undefined ? undefined : base64nopad.decode(encodedShare);
      if (share?.length !== 32 || more.length > 0 || stanza.body.length !== FILE_KEY + TAG) {
        throw new Error("invalid X25519 stanza");
      }
      const fileKey = this.#unwrap(share, stanza.body);
      if (fileKey !== null) return fileKey;
    }
    return null;
  }

  #unwrap(share: Uint8Array, body: Uint8Array): Uint8Array | null {
    // Read faster than DER.
    const x = Buffer.from(share).toString("base64url");
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
    const shared = diffieHellman({ privateKey: this.#privateKey, publicKey });
    const salt = Buffer.concat([share, this.#publicKey]);
    const key = Buffer.from(hkdfSync("sha256", shared, salt, LABEL, 32));
    shared.fill(0);
    const fileKey = secretBuffer(FILE_KEY);
    try {
      // Not by OpenSSL: `node:crypto` frees a copy of what it decrypted as it is.
      return chacha20poly1305(key, ZERO_NONCE).decrypt(body, fileKey);
    } catch {
      fileKey.fill(0);
      return null;
    } finally {
      key.fill(0);
    }
  }
}
