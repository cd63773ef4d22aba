import type { VerifiedArtifact } from "../artifact/verify.ts";
import { openEnvelope } from "../kms/envelope.ts";
import type { OpenKms } from "../kms/kms.ts";
import type { AgeDecrypt } from "./age.ts";

/**
 * Turns a verified artifact into its plaintext: one buffer that belongs to the caller, who wipes it.
 *
 * @throws AgentError `decrypt` or `kms_unwrap`; no plaintext is left behind then.
 */
export type Decrypt = (artifact: VerifiedArtifact) => Promise<Buffer>;

export function createDecrypt(age: AgeDecrypt, openKms: OpenKms): Decrypt {
  return async ({ fields: { envelope }, ciphertext }) =>
    envelope === undefined ? age(ciphertext) : openEnvelope(openKms, envelope, ciphertext);
}
