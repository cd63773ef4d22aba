import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { type AgeStanza, unpadded } from "../artifact/age-file.ts";
import { type AgeIdentity, identityBytes } from "../keys/age-identities.ts";
import { secretBuffer } from "../system/secret-buffer.ts";
import type { FileKeyUnwrapper } from "./file-key.ts";
import type { OpenSealed } from "./open-sealed.ts";

/** What stands before the 32 key bytes in PKCS#8 and in SPKI (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");
const SPKI = Buffer.from("302a300506032b656e032100", "hex");
const LABEL = "age-encryption.org/v1/X25519";
const ZERO_NONCE = Buffer.alloc(12);
const TAG = 16;
const FILE_KEY = 16;

/** An X25519 identity (https://c2sp.org/age, "The X25519 recipient type"), whose arithmetic OpenSSL does. */
export class X25519Identity implements FileKeyUnwrapper {
  readonly #privateKey: KeyObject;
  readonly #publicKey: Buffer;
  /** The share of the last file: in just-in-time mode the next file is the same. */
  #last: { readonly x: string; readonly key: KeyObject } | undefined;

  constructor(identity: AgeIdentity) {
    const secret = identityBytes(identity);
    const der = Buffer.concat([PKCS8, secret]);
    this.#privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    secret.fill(0);
    der.fill(0);
    const spki = createPublicKey(this.#privateKey).export({ format: "der", type: "spki" });
    this.#publicKey = spki.subarray(SPKI.length);
  }

  /** @throws Error if an X25519 stanza is malformed, or its share is of low order. */
  unwrap(stanzas: readonly AgeStanza[], _header: Buffer, open: OpenSealed): Uint8Array | undefined {
    for (const { type, args, body } of stanzas) {
      if (type !== "X25519") continue;
      const [encodedShare = "", ...more] = args;
      const share = unpadded(encodedShare);
      if (share?.length !== 32 || more.length > 0 || body.length !== FILE_KEY + TAG) {
        throw new Error("invalid X25519 stanza");
      }
      const fileKey = this.#unwrap(share, body, open);
      if (fileKey !== undefined) return fileKey;
    }
    return undefined;
  }

  #unwrap(share: Buffer, body: Uint8Array, open: OpenSealed): Uint8Array | undefined {
    const shared = diffieHellman({ privateKey: this.#privateKey, publicKey: this.#keyOf(share) });
    const salt = Buffer.concat([share, this.#publicKey]);
    const key = Buffer.from(hkdfSync("sha256", shared, salt, LABEL, 32));
    shared.fill(0);
    const fileKey = secretBuffer(FILE_KEY);
    try {
      // Not by OpenSSL: `node:crypto` frees a copy of what it decrypted as it is.
      open(key, ZERO_NONCE, body, fileKey);
      return fileKey;
    } catch {
      fileKey.fill(0);
      return undefined;
    } finally {
      key.fill(0);
    }
  }

  #keyOf(share: Buffer): KeyObject {
    const x = share.toString("base64url");
    if (this.#last?.x !== x) {
      // Read faster than DER.
      const key = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
      this.#last = { x, key };
    }
    return this.#last.key;
  }
}
