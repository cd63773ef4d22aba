import type { Decrypter } from "age-encryption";
import type { AgeIdentity } from "../keys/age-identities.ts";
import type { FileKeyUnwrapper } from "./file-key.ts";

/**
 * A post-quantum identity (https://c2sp.org/age, "The hybrid recipient type"), by the age library, which is
 * loaded for it alone: its curves and lattices take more of a start than everything else of an agent.
 */
export class HybridIdentity implements FileKeyUnwrapper {
  readonly #identity: AgeIdentity;
  #decrypter: Promise<Decrypter> | undefined;

  constructor(identity: AgeIdentity) {
    this.#identity = identity;
  }

  async unwrap(_stanzas: unknown, header: Buffer): Promise<Uint8Array | undefined> {
    this.#decrypter ??= decrypterFor(this.#identity);
    const decrypter = await this.#decrypter;
    try {
      return await decrypter.decryptHeader(header);
    } catch {
      // The library does not tell a stanza for somebody else from a malformed one.
      return undefined;
    }
  }
}

async function decrypterFor({ text }: AgeIdentity): Promise<Decrypter> {
  const age = await import("age-encryption");
  const decrypter = new age.Decrypter();
  decrypter.addIdentity(text);
  return decrypter;
}
