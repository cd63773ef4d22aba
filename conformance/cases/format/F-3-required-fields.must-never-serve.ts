import { pack, without } from "../../tools/artifact.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

const REQUIRED = [
  "identity",
  "environment",
  "packedAt",
  "revision",
  "ciphertext",
  "ciphertextHash",
];

export const cases = [
  ...REQUIRED.map((name) =>
    refused(`an artifact without ${name}`, "missing_fields", () => ({
      artifact: without(pack({ KEY: secretValue() }), name),
    })),
  ),
  ...REQUIRED.map((name) =>
    refused(`an artifact whose ${name} is a number`, "invalid_shape", () => ({
      artifact: pack({ KEY: secretValue() }, { fields: { [name]: 1_700_000_000 } }),
    })),
  ),
];
