import { AgentError } from "../errors.ts";
import type {
  KmsEnvelope,
  KmsProvider,
  PackedArtifact,
  Revocation,
  Signature,
} from "./artifact.ts";
import { boundedJson } from "./bounded-json.ts";
import {
  base64,
  decodeBase64,
  isJsonObject,
  type JsonObject,
  signedName,
  own,
  shape,
  signedText,
  timestamp,
} from "./fields.ts";

/**
 * Reads the bytes of a packed artifact or of a revocation marker (contract, section 1). Unknown
 * fields are ignored; a field that is not what it should be makes the whole invalid.
 *
 * @throws AgentError with the code of the first step that failed.
 */
export function parseArtifact(bytes: Uint8Array): PackedArtifact | Revocation {
  const object = parseJson(bytes);
  const version = own(object, "version");
  if (version === undefined) throw new AgentError("missing_fields", "the field version is missing");
  if (version !== 1) {
    throw new AgentError("unsupported_version", "the field version is not the number 1");
  }
  const identity = signedName(object, "identity");
  const environment = signedName(object, "environment");
  if (own(object, "revokedAt") !== undefined) {
    const revokedAt = timestamp(object, "revokedAt");
    return { kind: "revocation", identity, environment, revokedAt, revision: revoked(object) };
  }
  return {
    kind: "artifact",
    version,
    identity,
    environment,
    packedAt: timestamp(object, "packedAt"),
    revision: signedName(object, "revision"),
    ciphertext: base64(object, "ciphertext"),
    ciphertextHash: sha256Hex(object),
    envelope: kmsEnvelope(object),
    expiresAt: own(object, "expiresAt") === undefined ? undefined : timestamp(object, "expiresAt"),
    signature: signature(object),
  };
}

/** The revision that a marker names. One that no artifact can have does not stop an emergency brake. */
function revoked(object: JsonObject): string | undefined {
  try {
    return signedName(object, "revision");
  } catch {
    return undefined;
  }
}

function parseJson(bytes: Uint8Array): JsonObject {
  const value = boundedJson(bytes);
  if (!isJsonObject(value)) throw new AgentError("invalid_shape", "it is not a JSON object");
  return value;
}

function sha256Hex(object: JsonObject): string {
  const text = signedText(object, "ciphertextHash");
  if (!/^[0-9a-f]{64}$/i.test(text)) throw shape("ciphertextHash", "is not a SHA-256 in hex");
  return text;
}

const ENVELOPE_FIELDS = ["provider", "keyId", "wrappedKey", "algorithm", "iv", "authTag"] as const;

function kmsEnvelope(object: JsonObject): KmsEnvelope | undefined {
  const envelope = own(object, "envelope");
  if (envelope === undefined) return undefined;
  if (!isJsonObject(envelope)) throw shape("envelope", "must be an object");
  const missing = ENVELOPE_FIELDS.filter((name) => own(envelope, name) === undefined);
  if (missing.length > 0) {
    throw new AgentError("incomplete_envelope", `the envelope lacks ${missing.join(", ")}`);
  }
  return {
    provider: kmsProvider(signedText(envelope, "provider")),
    keyId: signedName(envelope, "keyId"),
    wrappedKey: base64(envelope, "wrappedKey"),
    algorithm: signedName(envelope, "algorithm"),
    iv: base64(envelope, "iv", 12),
    authTag: base64(envelope, "authTag", 16),
  };
}

function kmsProvider(text: string): KmsProvider {
  if (text === "aws" || text === "gcp" || text === "azure") return text;
  throw shape("envelope.provider", "is none of aws, gcp and azure");
}

function signature(object: JsonObject): Signature | undefined {
  const algorithm = own(object, "signatureAlgorithm");
  if (algorithm !== undefined && algorithm !== "Ed25519" && algorithm !== "ECDSA_SHA256") {
    throw shape("signatureAlgorithm", "is neither Ed25519 nor ECDSA_SHA256");
  }
  const text = own(object, "signature");
  if (text === undefined) return undefined;
  const bytes = typeof text === "string" ? decodeBase64(text) : undefined;
  if (bytes === undefined || bytes.length === 0) throw shape("signature", "is not strict base64");
  return { bytes, claimedAlgorithm: algorithm };
}
