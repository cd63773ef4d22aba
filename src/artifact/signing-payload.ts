import type { KmsEnvelope } from "./artifact.ts";

/** What a signature covers; dates as the text that stands in the artifact. */
export interface SignedFields {
  readonly version: 1;
  readonly identity: string;
  readonly environment: string;
  readonly revision: string;
  readonly packedAt: { readonly text: string };
  readonly ciphertextHash: string;
  readonly expiresAt: { readonly text: string } | undefined;
  readonly envelope: KmsEnvelope | undefined;
}

/**
 * The bytes that an artifact's signature covers: fourteen values joined by newlines (contract,
 * section 1). Unambiguous because the parser lets no control character into any of them.
 */
export function signingPayload(artifact: SignedFields): Buffer {
  const { envelope } = artifact;
  return Buffer.from(
    [
      "clef-sig-v3",
      String(artifact.version),
      artifact.identity,
      artifact.environment,
      artifact.revision,
      artifact.packedAt.text,
      artifact.ciphertextHash,
      artifact.expiresAt?.text ?? "",
      envelope?.provider ?? "",
      envelope?.keyId ?? "",
      envelope?.wrappedKey ?? "",
      envelope?.algorithm ?? "",
      envelope?.iv ?? "",
      envelope?.authTag ?? "",
    ].join("\n"),
    "utf8",
  );
}
