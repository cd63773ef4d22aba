import { AgentError } from "../errors.ts";
import type { VerifiedArtifact } from "../artifact/verify.ts";
import type { AgeDecrypt } from "./age.ts";

/**
 * Turns a verified artifact into its plaintext: one buffer that belongs to the caller, who wipes it.
 *
 * @throws AgentError `decrypt` or `kms_unwrap`; no plaintext is left behind then.
 */
export type Decrypt = (artifact: VerifiedArtifact) => Promise<Buffer>;

export function createDecrypt(age: AgeDecrypt): Decrypt {
  return async ({ fields }) => {
    if (fields.envelope !== undefined) {
      throw new AgentError(
        "kms_unwrap",
        `it is encrypted under a ${fields.envelope.provider} KMS key, which this version cannot open; pack it for an age recipient`,
      );
    }
    return age(Buffer.from(fields.ciphertext, "base64"));
  };
}
