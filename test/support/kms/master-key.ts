import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** A symmetric key that never leaves its KMS: what it encrypts carries iv and tag with it. */
export class MasterKey {
  readonly #key = randomBytes(32);
  readonly #label: Buffer;

  constructor(label: string) {
    this.#label = Buffer.from(label);
  }

  encrypt(plaintext: Buffer): Buffer {
    const iv = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv).setAAD(this.#label);
    return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  /** Undefined for what is not of this key, or was changed. */
  decrypt(blob: Buffer): Buffer | undefined {
    if (blob.length < 28) return undefined;
    const decipher = createDecipheriv("aes-256-gcm", this.#key, blob.subarray(0, 12));
    decipher.setAAD(this.#label).setAuthTag(blob.subarray(-16));
    try {
      return Buffer.concat([decipher.update(blob.subarray(12, -16)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}
