import { createECDH, generateKeyPairSync } from "node:crypto";
import { bech32 } from "@scure/base";

/** Bytes of an ML-KEM-768 public key, which are the last ones of its SPKI. */
const ML_KEM_768 = 1_184;

/** As a hardware token shows itself, made for a new P-256 key (https://c2sp.org/age, "The tag recipient types"). */
export function tagRecipient(): string {
  return encoded("age1tag", pointOf("compressed"));
}

/** The same with a post-quantum key beside it. */
export function hybridTagRecipient(): string {
  const spki = generateKeyPairSync("ml-kem-768").publicKey.export({ format: "der", type: "spki" });
  return encoded("age1tagpq", Buffer.concat([spki.subarray(-ML_KEM_768), pointOf("uncompressed")]));
}

function pointOf(format: "compressed" | "uncompressed"): Buffer {
  return createECDH("prime256v1").generateKeys(null, format);
}

function encoded(prefix: string, bytes: Buffer): string {
  return bech32.encode(prefix, bech32.toWords(bytes), false);
}
