import { isUtf8 } from "node:buffer";
import { AgentError } from "../errors.ts";
import { ARTIFACT_MAX_BYTES } from "../limits.ts";
import type {
  KmsEnvelope,
  KmsProvider,
  PackedArtifact,
  Revocation,
  Signature,
} from "./artifact.ts";
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
  if (bytes.length > ARTIFACT_MAX_BYTES) {
    throw new AgentError("invalid_shape", `it is larger than ${ARTIFACT_MAX_BYTES} bytes`);
  }
  if (!isUtf8(bytes)) throw new AgentError("json_parse", "it is not UTF-8 text");
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"));
  } catch {
    throw new AgentError("json_parse", `it is not JSON but ${kindOfText(bytes)}`);
  }
  if (!isJsonObject(value)) throw new AgentError("invalid_shape", "it is not a JSON object");
  return value;
}

/** What an operator most often gets in place of an artifact, told by its first character. */
function kindOfText(bytes: Uint8Array): string {
  if (bytes.length === 0) return "empty";
  const start = Buffer.from(bytes.subarray(0, 64)).toString("utf8").trimStart();
  if (start.startsWith("<")) return "HTML or XML, perhaps a login or error page";
  if (start.startsWith("age-encryption.org/"))
    return "a bare age file; pack it with clef-agent pack";
  return start.startsWith("{") ? "JSON cut short or damaged" : "other text";
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
