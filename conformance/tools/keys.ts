import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { type AgeKey, newAgeKey } from "./age.ts";

export interface SigningKey {
  readonly privateKey: KeyObject;
  /** What artifacts say of it. */
  readonly algorithm: "Ed25519" | "ECDSA_SHA256";
  /** Base64 of a DER SPKI. */
  readonly verifyKey: string;
  readonly pem: string;
}

function signingKey(algorithm: SigningKey["algorithm"]): SigningKey {
  const { publicKey, privateKey } =
    algorithm === "Ed25519"
      ? generateKeyPairSync("ed25519")
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const verifyKey = publicKey.export({ format: "der", type: "spki" }).toString("base64");
  const pem = publicKey.export({ format: "pem", type: "spki" });
  return { privateKey, algorithm, verifyKey, pem };
}

/** New in every run: nothing that was packed for another one is worth anything here. */
export const AGE: AgeKey = newAgeKey();
export const OTHER_AGE: AgeKey = newAgeKey();
export const ED25519: SigningKey = signingKey("Ed25519");
export const ECDSA: SigningKey = signingKey("ECDSA_SHA256");
export const OTHER_ED25519: SigningKey = signingKey("Ed25519");
