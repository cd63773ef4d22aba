import { type AgeDecrypt, ageDecrypter } from "../decrypt/age.ts";
import { parseAgeIdentities } from "../keys/age-identities.ts";
import { generateAgeKey } from "../keys/age-recipients.ts";
import { kindOfRecipient } from "./recipient-kind.ts";

/** A recipient made for one proof, with what opens files that are encrypted to it. */
export interface Witness {
  readonly recipient: string;
  /** Opens a file as an agent with this identity would. */
  readonly open: AgeDecrypt;
}

/** One for each kind among the recipients; those on a hardware token have an X25519 one. */
export async function makeWitnesses(recipients: readonly string[]): Promise<readonly Witness[]> {
  const kinds = recipients.map((recipient) => kindOfRecipient(recipient).witness);
  return Promise.all([...new Set(kinds)].map((kind) => makeWitness(kind)));
}

async function makeWitness(kind: "x25519" | "hybrid"): Promise<Witness> {
  const { file, recipient } = await generateAgeKey(kind, new Date());
  return { recipient, open: ageDecrypter(parseAgeIdentities(file)) };
}
