import { ageDecrypter, type AgeDecrypt } from "../../src/decrypt/age.ts";
import { createDecrypt, type Decrypt } from "../../src/decrypt/decrypt.ts";
import { openInWebAssembly } from "../../src/decrypt/open-sealed.ts";
import { kmsOpener } from "../../src/kms/open.ts";
import { parseAgeIdentities } from "../../src/keys/age-identities.ts";
import { AGE_IDENTITY } from "./artifacts.ts";
import { kmsPartsHere } from "./network.ts";

/** Decrypts age files with identities given as their lines. */
export function ageWith(...identities: readonly string[]): AgeDecrypt {
  return ageDecrypter(identities.length === 0 ? [] : parseAgeIdentities(identities.join("\n")));
}

/** The same, as in just-in-time mode. */
export function ageInWebAssembly(...identities: readonly string[]): AgeDecrypt {
  return ageDecrypter(parseAgeIdentities(identities.join("\n")), openInWebAssembly);
}

/** Decrypts artifacts for `AGE_IDENTITY`. */
export const decrypt: Decrypt = createDecrypt(ageWith(AGE_IDENTITY), kmsOpener(kmsPartsHere()));
