import { createCipheriv, randomBytes, randomFillSync } from "node:crypto";
import type { KmsEnvelope } from "../artifact/artifact.ts";
import { holdsPieceOf } from "../artifact/pieces.ts";
import { type Seal, unproved } from "../artifact/seal.ts";
import { AgentError } from "../errors.ts";
import { inSlices } from "../system/slices.ts";
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
export function kmsSeal(kms: Kms, keyId: string, encrypt: Encrypt = encryptGcm): Seal {
  return (payload) => sealEnvelope({ kms, keyId, encrypt }, payload);
}

/** AES-256-GCM. */
export type Encrypt = (
  dataKey: Buffer,
  iv: Buffer,
  payload: Uint8Array,
) => { readonly ciphertext: Buffer; readonly authTag: Buffer };

const encryptGcm: Encrypt = (dataKey, iv, payload) => {
  const cipher = createCipheriv(CIPHER, dataKey, iv, { authTagLength: TAG_BYTES });
  const ciphertext = Buffer.concat([cipher.update(payload), cipher.final()]);
  return { ciphertext, authTag: cipher.getAuthTag() };
};

interface Sealing {
  readonly kms: Kms;
  readonly keyId: string;
  readonly encrypt: Encrypt;
}

async function sealEnvelope(
  { kms, keyId, encrypt }: Sealing,
  payload: Uint8Array,
): ReturnType<Seal> {
  const dataKey = randomFillSync(secretBuffer(KEY_BYTES));
  try {
    const wrapped = await kms.wrap(keyId, dataKey);
    const iv = randomBytes(IV_BYTES);
    const { ciphertext, authTag } = encrypt(dataKey, iv, payload);
    const envelope = {
      provider: kms.provider,
      keyId: wrapped.keyId,
      wrappedKey: wrapped.wrappedKey.toString("base64"),
      algorithm: kms.algorithm,
      iv: iv.toString("base64"),
      authTag: authTag.toString("base64"),
    };
    await proveEnvelope({ ciphertext, envelope }, dataKey, payload);
    return { ciphertext, envelope };
  } finally {
    dataKey.fill(0);
  }
}

/**
 * Opens the envelope as an agent does, by other code than that which sealed it, with the data key that is
 * at hand: whoever packs may not always ask the KMS to unwrap it.
 *
 * @throws AgentError `pack_unproved`, or `kms_failed` if the data key was not wrapped at all.
 */
async function proveEnvelope(
  { ciphertext, envelope }: { readonly ciphertext: Buffer; readonly envelope: KmsEnvelope },
  dataKey: Buffer,
  payload: Uint8Array,
): Promise<void> {
  if (Buffer.from(envelope.wrappedKey, "base64").includes(dataKey)) {
    throw new AgentError(
      "kms_failed",
      `${envelope.keyId} gave the data key back in clear instead of wrapping it, so nothing is written; is that the ${envelope.provider} KMS?`,
    );
  }
  if (ciphertext.length !== payload.length) {
    throw unproved("the ciphertext is longer or shorter than its secrets");
  }
  if (holdsPieceOf(payload, ciphertext)) {
    throw unproved("the ciphertext holds a piece of the secrets in clear");
  }
  let plaintext;
  try {
    plaintext = await decryptPayload(dataKey, envelope, ciphertext);
  } catch (error) {
    throw unproved("the envelope does not open with its data key", error);
  }
  const equal = plaintext.equals(payload);
  plaintext.fill(0);
  if (!equal) throw unproved("the envelope opens to something else than the secrets");
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

async function decryptPayload(
  dataKey: Buffer,
  { iv, authTag }: KmsEnvelope,
  ciphertext: Buffer,
): Promise<Buffer> {
  const { openGcm } = await import("./gcm.ts");
  const given = [Buffer.from(iv, "base64"), Buffer.from(authTag, "base64")] as const;
  try {
    return await inSlices(openGcm(dataKey, ...given, ciphertext));
  } catch (error) {
    throw new AgentError(
      "decrypt",
      "its data key does not open it: ciphertext, iv or authTag were changed; pack it again",
      { cause: error },
    );
  }
}
