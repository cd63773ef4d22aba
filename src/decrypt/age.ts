import { hkdfSync } from "node:crypto";
import {
  AGE_CHUNK,
  AGE_NONCE,
  AGE_TAG,
  type AgeFile,
  checkStanzas,
  NOT_AN_AGE_FILE,
  readAgeFile,
} from "../artifact/age-file.ts";
import { AgentError } from "../errors.ts";
import type { AgeIdentity } from "../keys/age-identities.ts";
import { secretBuffer } from "../system/secret-buffer.ts";
import { inSlices, nextTurn, type Sliced } from "../system/slices.ts";
import { unwrapFileKey } from "./file-key.ts";
import { HybridIdentity } from "./hybrid.ts";
import { openInJavaScript, type OpenSealed } from "./open-sealed.ts";
import { X25519Identity } from "./x25519.ts";

export type AgeDecrypt = (file: Buffer) => Promise<Buffer>;

/**
 * Makes a function that decrypts binary age files (https://c2sp.org/age) with whichever of the
 * identities fits. The payload is opened straight into one buffer, because every copy that a library
 * makes on its way would stay in memory where no wipe reaches it.
 *
 * @param cipher - asked at each file for what opens file keys and payloads.
 *
 * The function throws AgentError `decrypt`, and leaves no plaintext behind then.
 */
export function ageDecrypter(
  identities: readonly AgeIdentity[],
  cipher: () => OpenSealed | Promise<OpenSealed> = () => openInJavaScript,
): AgeDecrypt {
  const unwrappers = identities.map((identity) =>
    identity.kind === "x25519" ? new X25519Identity(identity) : new HybridIdentity(identity),
  );
  return async (file) => {
    if (unwrappers.length === 0) {
      throw new AgentError(
        "decrypt",
        "no age identity is configured; set CLEF_AGENT_AGE_KEY_FILE or CLEF_AGENT_AGE_KEY",
      );
    }
    const structure = readAgeFile(file);
    if (structure === undefined) throw new AgentError("decrypt", NOT_AN_AGE_FILE);
    checkStanzas(structure.stanzas);
    await nextTurn();
    const open = await cipher();
    const fileKey = await unwrapFileKey(unwrappers, file, structure, open).catch(doesNotOpen);
    if (fileKey === undefined) return doesNotOpen();
    try {
      return await inSlices(decryptPayload(fileKey, file, structure, open));
    } finally {
      fileKey.fill(0);
    }
  };
}

function doesNotOpen(cause?: unknown): never {
  throw new AgentError(
    "decrypt",
    "no configured age identity opens it (CLEF_AGENT_AGE_KEY_FILE or CLEF_AGENT_AGE_KEY): it is encrypted to other recipients, or damaged",
    { cause },
  );
}

/**
 * Opens the STREAM of 64 KiB chunks that follows the header (https://c2sp.org/age, "Payload").
 *
 * @throws AgentError `decrypt`; no plaintext is left behind then.
 */
export function* decryptPayload(
  fileKey: Uint8Array,
  file: Buffer,
  structure: AgeFile,
  open: OpenSealed = openInJavaScript,
): Sliced<Buffer> {
  const payload = file.subarray(structure.payload);
  const nonce = payload.subarray(0, AGE_NONCE);
  const key = Buffer.from(hkdfSync("sha256", fileKey, nonce, "payload", 32));
  const plaintext = secretBuffer(structure.plaintextLength);
  const chunks = Math.max(1, Math.ceil(plaintext.length / AGE_CHUNK));
  try {
    for (let index = 0; index < chunks; index++) {
      const start = AGE_NONCE + index * (AGE_CHUNK + AGE_TAG);
      const chunk = payload.subarray(start, start + AGE_CHUNK + AGE_TAG);
      const room = plaintext.subarray(index * AGE_CHUNK, (index + 1) * AGE_CHUNK);
      open(key, streamNonce(index, index === chunks - 1), chunk, room);
      yield;
    }
    return plaintext;
  } catch (error) {
    plaintext.fill(0);
    throw damaged("its ciphertext was changed", error);
  } finally {
    key.fill(0);
  }
}

/** An 11-byte big-endian chunk counter, then 1 for the last chunk. */
function streamNonce(index: number, last: boolean): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

function damaged(problem: string, cause?: unknown): AgentError {
  return new AgentError("decrypt", `${problem}; pack it again`, { cause });
}
