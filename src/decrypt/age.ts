import { hkdfSync } from "node:crypto";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { Decrypter } from "age-encryption";
import { AgentError } from "../errors.ts";
import type { AgeIdentity } from "../keys/age-identities.ts";
import { secretBuffer } from "../system/secret-buffer.ts";
import { X25519Identity } from "./x25519.ts";

const CHUNK = 64 * 1024;
const TAG = 16;
const NONCE = 16;
const MAC_LINE = "\n--- ";

export type AgeDecrypt = (file: Buffer) => Promise<Buffer>;

/**
 * Makes a function that decrypts binary age files (https://c2sp.org/age) with whichever of the
 * identities fits. The library reads the header and unwraps the file key. The payload is opened
 * here, straight into one buffer, because every copy that the library makes on its way would stay
 * in memory where no wipe reaches it.
 *
 * The function throws AgentError `decrypt`, and leaves no plaintext behind then.
 */
export function ageDecrypter(identities: readonly AgeIdentity[]): AgeDecrypt {
  const decrypter = new Decrypter();
  for (const identity of identities) {
    decrypter.addIdentity(
      identity.kind === "x25519" ? new X25519Identity(identity) : identity.text,
    );
  }
  return async (file) => {
    if (identities.length === 0) {
      throw new AgentError(
        "decrypt",
        "no age identity is configured; set CLEF_AGENT_AGE_KEY_FILE or CLEF_AGENT_AGE_KEY",
      );
    }
    const headerLength = headerEnd(file);
    const fileKey = await unwrapFileKey(decrypter, file.subarray(0, headerLength));
    try {
      return decryptPayload(fileKey, file.subarray(headerLength));
    } finally {
      fileKey.fill(0);
    }
  };
}

/** The header ends with the first line that starts with `---`; no stanza line can. */
function headerEnd(file: Buffer): number {
  const macLine = file.indexOf(MAC_LINE);
  const end = macLine === -1 ? -1 : file.indexOf("\n", macLine + MAC_LINE.length);
  if (end === -1) throw damaged("its ciphertext is not an age file");
  return end + 1;
}

async function unwrapFileKey(decrypter: Decrypter, header: Buffer): Promise<Uint8Array> {
  try {
    return await decrypter.decryptHeader(header);
  } catch (error) {
    throw new AgentError(
      "decrypt",
      "no configured age identity opens it (CLEF_AGENT_AGE_KEY_FILE or CLEF_AGENT_AGE_KEY): it is encrypted to other recipients, or damaged",
      { cause: error },
    );
  }
}

/** Opens the STREAM of 64 KiB chunks that follows the header (https://c2sp.org/age, "Payload"). */
function decryptPayload(fileKey: Uint8Array, payload: Buffer): Buffer {
  const chunks = Math.ceil((payload.length - NONCE) / (CHUNK + TAG));
  if (chunks < 1) throw damaged("its ciphertext is cut short");
  const nonce = payload.subarray(0, NONCE);
  const key = Buffer.from(hkdfSync("sha256", fileKey, nonce, "payload", 32));
  const plaintext = secretBuffer(Math.max(payload.length - NONCE - chunks * TAG, 0));
  try {
    for (let index = 0; index < chunks; index++) {
      const start = NONCE + index * (CHUNK + TAG);
      const chunk = payload.subarray(start, start + CHUNK + TAG);
      const last = index === chunks - 1;
      if (last && index > 0 && chunk.length === TAG) throw damaged("its last chunk is empty");
      const offset = index * CHUNK;
      const room = plaintext.subarray(offset, offset + Math.max(chunk.length - TAG, 0));
      chacha20poly1305(key, streamNonce(index, last)).decrypt(chunk, room);
    }
    return plaintext;
  } catch (error) {
    plaintext.fill(0);
    throw damaged("its ciphertext was changed or cut short", error);
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
