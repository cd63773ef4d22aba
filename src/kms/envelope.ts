import { createCipheriv, randomBytes, randomFillSync } from "node:crypto";
import type { KmsEnvelope } from "../artifact/artifact.ts";
import type { Seal } from "../artifact/seal.ts";
import { AgentError } from "../errors.ts";
import { scrubRegisters } from "../system/scrub-registers.ts";
import { secretBuffer } from "../system/secret-buffer.ts";
import type { Kms, OpenKms } from "./kms.ts";

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts under a data key that is used this once, and has a KMS wrap that key (contract, section 1).
 * The seal throws AgentError `kms_failed`; the data key is wiped in any case.
 */
export function kmsSeal(kms: Kms, keyId: string): Seal {
  return (payload) => sealEnvelope(kms, keyId, payload);
}

async function sealEnvelope(kms: Kms, keyId: string, payload: Uint8Array): ReturnType<Seal> {
  const dataKey = randomFillSync(secretBuffer(KEY_BYTES));
  try {
    const wrapped = await kms.wrap(keyId, dataKey);
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, dataKey, iv, { authTagLength: TAG_BYTES });
    const ciphertext = Buffer.concat([cipher.update(payload), cipher.final()]);
    const envelope = {
      provider: kms.provider,
      keyId: wrapped.keyId,
      wrappedKey: wrapped.wrappedKey.toString("base64"),
      algorithm: kms.algorithm,
      iv: iv.toString("base64"),
      authTag: cipher.getAuthTag().toString("base64"),
    };
    return { ciphertext, envelope };
  } finally {
    dataKey.fill(0);
  }
}

/**
 * Opens what `kmsSeal` sealed. The plaintext is one buffer, which belongs to the caller.
 *
 * @throws AgentError `kms_unwrap` if the data key cannot be had, `decrypt` if it does not fit; data key
 * and plaintext are wiped then.
 */
export async function openEnvelope(
  openKms: OpenKms,
  envelope: KmsEnvelope,
  ciphertext: Buffer,
): Promise<Buffer> {
  const kms = await openKms(envelope.provider);
  if (envelope.algorithm !== kms.algorithm) {
    throw new AgentError(
      "kms_unwrap",
      `its envelope names an algorithm that is not ${kms.algorithm}, the one for ${envelope.provider}; pack it again`,
    );
  }
  const dataKey = await kms.unwrap(envelope.keyId, Buffer.from(envelope.wrappedKey, "base64"));
  try {
    if (dataKey.length !== KEY_BYTES) {
      throw new AgentError(
        "kms_unwrap",
        `${envelope.keyId} unwrapped a data key of ${dataKey.length} bytes, not ${KEY_BYTES}; pack it again`,
      );
    }
    return await decryptPayload(dataKey, envelope, ciphertext);
  } finally {
    dataKey.fill(0);
    scrubRegisters();
  }
}

/**
 * Not by OpenSSL, through which `node:crypto` leaves a copy of the plaintext in memory that it frees as it
 * is. This returns the only one, and none at all if the tag does not fit.
 */
async function decryptPayload(
  dataKey: Buffer,
  { iv, authTag }: KmsEnvelope,
  ciphertext: Buffer,
): Promise<Buffer> {
  const { gcm } = await import("@noble/ciphers/aes.js");
  const sealed = Buffer.concat([ciphertext, Buffer.from(authTag, "base64")]);
  try {
    const plaintext = gcm(dataKey, Buffer.from(iv, "base64")).decrypt(sealed);
    return Buffer.from(plaintext.buffer, plaintext.byteOffset, plaintext.length);
  } catch (error) {
    throw new AgentError(
      "decrypt",
      "its data key does not open it: ciphertext, iv or authTag were changed; pack it again",
      { cause: error },
    );
  }
}
