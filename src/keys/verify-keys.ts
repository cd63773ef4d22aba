import { createPublicKey, type KeyObject } from "node:crypto";
import { withPemLines } from "./pem-lines.ts";

/** The two signature algorithms of the contract, section 1. */
export type SignatureAlgorithm = "Ed25519" | "ECDSA_SHA256";

/** A public key that artifact signatures are checked with; the algorithm is the key's own. */
export interface VerifyKey {
  readonly key: KeyObject;
  readonly algorithm: SignatureAlgorithm;
}

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/**
 * Reads one or more public keys: base64 of DER SPKI, or PEM, separated by commas. PEM may have its
 * newlines written as `\n` or as spaces, as env files and secret stores have it.
 *
 * @throws Error saying which key is wrong, by its position, and how; at least one key is required.
 */
export function parseVerifyKeys(text: string): readonly VerifyKey[] {
  const parts = withPemLines(text)
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .flatMap((part) => part.match(PEM_BLOCK) ?? [part]);
  if (parts.length === 0) throw new Error("it holds no public key");
  return parts.map((part, index) => {
    const position = parts.length === 1 ? "it" : `key ${index + 1} of ${parts.length}`;
    if (part.includes("PRIVATE KEY")) {
      throw new Error(`${position} is a private key; give the public one, and replace this key`);
    }
    const key = readPublicKey(part);
    if (key === undefined) {
      throw new Error(`${position} is not a public key in base64 DER SPKI or PEM form`);
    }
    const algorithm = signatureAlgorithm(key);
    if (algorithm === undefined) {
      throw new Error(`${position} is neither an Ed25519 nor an ECDSA P-256 key`);
    }
    return { key, algorithm };
  });
}

/** The algorithm that goes with a key, or undefined for a key of any other kind. */
export function signatureAlgorithm(key: KeyObject): SignatureAlgorithm | undefined {
  if (key.asymmetricKeyType === "ed25519") return "Ed25519";
  const isP256 = key.asymmetricKeyDetails?.namedCurve === "prime256v1";
  return key.asymmetricKeyType === "ec" && isP256 ? "ECDSA_SHA256" : undefined;
}

function readPublicKey(text: string): KeyObject | undefined {
  try {
    if (text.startsWith("-----BEGIN")) return createPublicKey(text);
    return createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}
