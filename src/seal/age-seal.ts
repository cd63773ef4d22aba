import { Encrypter, type Recipient, type Stanza } from "age-encryption";
import type { Seal } from "../artifact/seal.ts";
import { secretBuffer } from "../system/secret-buffer.ts";
import { proveAgeFile } from "./age-proof.ts";
import { makeWitnesses } from "./witness.ts";

/** Encrypts to recipients, given as text or by what they do. @throws Error if one is none. */
export type AgeEncrypt = (
  recipients: readonly (string | Recipient)[],
  payload: Uint8Array,
) => Promise<Uint8Array>;

/**
 * Encrypts to age recipients (`age1…`), at least one, each of whom can open it.
 *
 * The library cannot open what it made for others. So two kinds of recipients of our own are added for
 * the proof: one that only takes down the file key and leaves nothing in the file, and for each kind of
 * recipient a witness, whose identity was made for this and opens the file as an agent would. The
 * witnesses are cut out of what is returned, which is then proved again with the file key.
 *
 * The seal throws Error if a recipient is none.
 */
export function ageSeal(recipients: readonly string[], encrypt: AgeEncrypt = encryptAge): Seal {
  return async (payload) => {
    const witnesses = await makeWitnesses(recipients);
    const fileKey = new FileKeyKeeper();
    try {
      const all = [...recipients, ...witnesses.map(({ recipient }) => recipient), fileKey];
      const file = copyOf(await encrypt(all, payload));
      const proved = await proveAgeFile({
        file,
        payload,
        recipients,
        witnesses,
        fileKey: fileKey.taken,
      });
      return { ciphertext: proved, envelope: undefined };
    } finally {
      fileKey.wipe();
    }
  };
}

/** A recipient that wraps the file key for nobody, so that nothing of it is in the file. */
class FileKeyKeeper implements Recipient {
  #fileKey: Buffer | undefined;

  get taken(): Buffer | undefined {
    return this.#fileKey;
  }

  wrapFileKey(fileKey: Uint8Array): Stanza[] {
    this.#fileKey = copyOf(fileKey);
    return [];
  }

  wipe(): void {
    this.#fileKey?.fill(0);
  }
}

/**
 * With the library, but for gathering what it gives: it does that by `Response.arrayBuffer()`, which on
 * Node.js 22.3 returned all of Node's buffer pool, with the payload in clear in it.
 */
async function encryptAge(
  recipients: readonly (string | Recipient)[],
  payload: Uint8Array,
): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(payload);
      controller.close();
    },
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of await encrypter.encrypt(stream)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** In memory of its own, which nobody else can change after it was checked. */
function copyOf(bytes: Uint8Array): Buffer {
  const copy = secretBuffer(bytes.length);
  copy.set(bytes);
  return copy;
}
