import type { SignatureAlgorithm } from "../keys/verify-keys.ts";

/** A date of the artifact: the text as it stands there, which is signed, and what it means. */
export interface Timestamp {
  readonly text: string;
  /** Unix time in milliseconds. */
  readonly ms: number;
}

export type KmsProvider = "aws" | "gcp" | "azure";

/** How the data key of a KMS envelope was wrapped (contract, section 1). All fields as text. */
export interface KmsEnvelope {
  readonly provider: KmsProvider;
  readonly keyId: string;
  readonly wrappedKey: string;
  readonly algorithm: string;
  readonly iv: string;
  readonly authTag: string;
}

export interface Signature {
  readonly bytes: Buffer;
  /** What the artifact says of itself; never used to choose how to verify. */
  readonly claimedAlgorithm: SignatureAlgorithm | undefined;
}

/** A packed artifact whose fields have the right shape. Nothing else about it is known yet. */
export interface PackedArtifact {
  readonly kind: "artifact";
  readonly version: 1;
  readonly identity: string;
  readonly environment: string;
  readonly packedAt: Timestamp;
  readonly revision: string;
  /** Base64 text; its hash is taken over this text. */
  readonly ciphertext: string;
  /** Hex text of the SHA-256 of `ciphertext`. */
  readonly ciphertextHash: string;
  readonly envelope: KmsEnvelope | undefined;
  readonly expiresAt: Timestamp | undefined;
  readonly signature: Signature | undefined;
}

/** All but the text of the ciphertext, which may be 16 MiB and is of no use once its hash is checked. */
export type ArtifactFields = Omit<PackedArtifact, "ciphertext">;

/** A revocation marker, perhaps written by hand in an emergency. */
export interface Revocation {
  readonly kind: "revocation";
  /** Whom it revokes; undefined names nobody, and so means whoever reads it. */
  readonly identity: string | undefined;
  readonly environment: string | undefined;
  /** As it stands there; it need not be a date. */
  readonly revokedAt: string;
  /** The revoked revision, where the marker still says it. */
  readonly revision: string | undefined;
}
