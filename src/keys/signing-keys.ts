import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { withPemLines } from "./pem-lines.ts";
import { type SignatureAlgorithm, signatureAlgorithm } from "./verify-keys.ts";

/** Something that signs the signing payload of an artifact. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm;
  sign(payload: Uint8Array): Promise<Buffer>;
}

/**
 * Reads a private key, PEM (its newlines may be `\n` or spaces) or base64 of DER PKCS#8, Ed25519 or ECDSA P-256.
 *
 * @throws Error that says what is wrong, without the key.
 */
export function parseSigningKey(text: string): Signer {
  const key = readPrivateKey(withPemLines(text).trim());
  if (key === undefined) {
    throw new Error("it is not a private key in PEM or base64 DER PKCS#8 form");
  }
  const algorithm = signatureAlgorithm(key);
  if (algorithm === undefined) throw new Error("it is neither an Ed25519 nor an ECDSA P-256 key");
  const digest = algorithm === "Ed25519" ? null : "sha256";
  return { algorithm, sign: (payload) => Promise.resolve(sign(digest, payload, key)) };
}

/** A new Ed25519 key pair: the private half as PEM, the public half as `CLEF_AGENT_VERIFY_KEY` takes it. */
export function generateSigningKey(): { readonly privatePem: string; readonly verifyKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");

  return {
    privatePem: privateKey.export({ type: "pkcs8", format: "pem" }),
    verifyKey: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
  };
}

function readPrivateKey(text: string): KeyObject | undefined {
  try {
    if (text.startsWith("-----BEGIN")) return createPrivateKey(text);
    return createPrivateKey({ key: Buffer.from(text, "base64"), format: "der", type: "pkcs8" });
  } catch {
    return undefined;
  }
}
