import { Encrypter } from "age-encryption";
import type { KmsEnvelope } from "./artifact.ts";

export interface Sealed {
  readonly ciphertext: Buffer;
  /** Undefined for an age file, which says itself who can open it. */
  readonly envelope: KmsEnvelope | undefined;
}

/** Encrypts a payload in one of the ways of the contract, section 1. */
export type Seal = (payload: Uint8Array) => Promise<Sealed>;

/**
 * Encrypts to age recipients (`age1…`), at least one, each of whom can open it.
 *
 * @throws Error if a recipient is none.
 */
export function ageSeal(recipients: readonly string[]): Seal {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return async (payload) => ({
    ciphertext: Buffer.from(await encrypter.encrypt(payload)),
    envelope: undefined,
  });
}
