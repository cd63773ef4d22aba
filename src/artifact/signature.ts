import { verify } from "node:crypto";
import { AgentError } from "../errors.ts";
import type { VerifyKey } from "../keys/verify-keys.ts";
import type { PackedArtifact } from "./artifact.ts";
import { signingPayload } from "./signing-payload.ts";

/**
 * Checks the artifact's signature against every key. Each key brings its own algorithm, so that an
 * artifact cannot choose a weaker one; without keys there is nothing to check.
 *
 * @throws AgentError `signature_missing`, `signature_invalid` or `signature_error`.
 */
export function checkSignature(artifact: PackedArtifact, keys: readonly VerifyKey[]): void {
  if (keys.length === 0) return;
  const { signature } = artifact;
  if (signature === undefined) {
    throw new AgentError(
      "signature_missing",
      "it is not signed, and CLEF_AGENT_VERIFY_KEY asks for a signature; pack it with --signing-key",
    );
  }
  const payload = signingPayload(artifact);
  if (!keys.some((key) => isSignedBy(key, payload, signature.bytes))) {
    throw new AgentError(
      "signature_invalid",
      "its signature fits no key in CLEF_AGENT_VERIFY_KEY: it was changed, or signed by another key",
    );
  }
}

function isSignedBy({ key, algorithm }: VerifyKey, payload: Buffer, signature: Buffer): boolean {
  try {
    return verify(algorithm === "Ed25519" ? null : "sha256", payload, key, signature);
  } catch (error) {
    throw new AgentError("signature_error", "its signature could not be checked", { cause: error });
  }
}
