import type { ProviderWords } from "./problem.ts";

export const AWS_WORDS: ProviderWords = {
  name: "AWS KMS",
  permissions: {
    unwrap: "kms:Decrypt on this key, in the role's policy or the key's",
    wrap: "kms:Encrypt on this key, in the role's policy or the key's",
    sign: "kms:Sign on this key, in the role's policy or the key's",
    read_public_key: "kms:GetPublicKey on this key, in the role's policy or the key's",
  },
  credentials: "check the credentials of this role or profile",
  keys: "a symmetric encryption key to wrap with (SYMMETRIC_DEFAULT), an ECC_NIST_P256 key to sign with",
};
