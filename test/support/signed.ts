import assert from "node:assert/strict";
import { parseArtifact } from "../../src/artifact/parse.ts";
import { signingPayload } from "../../src/artifact/signing-payload.ts";
import type { Signer } from "../../src/keys/signing-keys.ts";
import { altered, SIGNER } from "./artifacts.ts";

/** The artifact with some fields changed, and signed again afterwards. */
export async function resigned(
  artifact: string,
  changes: Readonly<Record<string, unknown>>,
  signer: Signer = SIGNER,
): Promise<string> {
  const changed = altered(artifact, { signature: undefined, ...changes });
  const fields = parseArtifact(Buffer.from(changed));
  assert.ok(fields.kind === "artifact");
  const signature = (await signer.sign(signingPayload(fields))).toString("base64");
  return altered(changed, { signature, signatureAlgorithm: signer.algorithm });
}
