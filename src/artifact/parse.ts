import { AgentError } from "../errors.ts";
import type {
  KmsEnvelope,
  KmsProvider,
  PackedArtifact,
  Revocation,
  Signature,
} from "./artifact.ts";
import { REVOKED_AT_SHOWN, SIGNATURE_MAX_LENGTH, WRAPPED_KEY_MAX_LENGTH } from "../limits.ts";
import { inOneGo, type Sliced } from "../system/slices.ts";
import { boundedJson } from "./bounded-json.ts";
import {
  base64,
  base64Bytes,
  decodeBase64,
  isJsonObject,
  longBase64,
  type JsonObject,
  signedName,
  own,
  shape,
  timestamp,
} from "./fields.ts";

/**
 * Reads the bytes of a packed artifact or of a revocation marker (contract, section 1). Unknown
 * fields are ignored; a field that is not what it should be makes the whole invalid, but for a marker.
 *
 * @throws AgentError with the code of the first step that failed.
 */
export function parseArtifact(bytes: Uint8Array): PackedArtifact | Revocation {
  return inOneGo(parseInSlices(bytes));
}

/** The same in slices, where other work waits. */
export function* parseInSlices(bytes: Uint8Array): Sliced<PackedArtifact | Revocation> {
  const object = yield* parseJson(bytes);
  yield;
  const revocation = marker(object);
  if (revocation !== undefined) return revocation;
  const version = own(object, "version");
  if (version === undefined) throw new AgentError("missing_fields", "the field version is missing");
  if (version !== 1) {
    throw new AgentError("unsupported_version", "the field version is not the number 1");
  }
  const identity = signedName(object, "identity");
  const environment = signedName(object, "environment");
  return {
    kind: "artifact",
    version,
    identity,
    environment,
    packedAt: timestamp(object, "packedAt"),
    revision: signedName(object, "revision"),
    ciphertext: yield* longBase64(object, "ciphertext"),
    ciphertextHash: sha256Hex(object),
    envelope: kmsEnvelope(object),
    expiresAt: own(object, "expiresAt") === undefined ? undefined : timestamp(object, "expiresAt"),
    signature: signature(object),
  };
}

/** Nobody who pulls the emergency brake by hand is to be stopped by the form of anything else. */
function marker(object: JsonObject): Revocation | undefined {
  const revokedAt = own(object, "revokedAt");
  if (revokedAt === undefined || revokedAt === null || revokedAt === false) return undefined;
  const text = typeof revokedAt === "string" ? revokedAt : JSON.stringify(revokedAt);
  return {
    kind: "revocation",
    identity: nameOf(object, "identity"),
    environment: nameOf(object, "environment"),
    revokedAt: text.slice(0, REVOKED_AT_SHOWN),
    revision: nameOf(object, "revision"),
  };
}

/** A name of a marker. One that no artifact can have counts as none. */
function nameOf(object: JsonObject, field: string): string | undefined {
  try {
    return signedName(object, field);
  } catch {
    return undefined;
  }
}

function* parseJson(bytes: Uint8Array): Sliced<JsonObject> {
  const value = yield* boundedJson(bytes);
  if (!isJsonObject(value)) throw new AgentError("invalid_shape", "it is not a JSON object");
  return value;
}

function sha256Hex(object: JsonObject): string {
  const text = signedName(object, "ciphertextHash");
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
    provider: kmsProvider(signedName(envelope, "provider")),
    keyId: signedName(envelope, "keyId"),
    wrappedKey: base64(envelope, "wrappedKey", WRAPPED_KEY_MAX_LENGTH),
    algorithm: signedName(envelope, "algorithm"),
    iv: base64Bytes(envelope, "iv", 12),
    authTag: base64Bytes(envelope, "authTag", 16),
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
  const fits = typeof text === "string" && text.length <= SIGNATURE_MAX_LENGTH;
  const bytes = fits ? decodeBase64(text) : undefined;
  if (bytes === undefined || bytes.length === 0) throw shape("signature", "is not strict base64");
  return { bytes, claimedAlgorithm: algorithm };
}
