import { pack } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

const env = { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey };
const YEAR_MS = 365 * 86_400_000;
const later = (): Date => new Date(Date.now() + YEAR_MS);

const CHANGES = {
  identity: { identity: "other" },
  environment: { environment: "staging" },
  revision: { revision: "1700000000000-01234567" },
  packedAt: { packedAt: "2099-01-01T00:00:00.000Z" },
  "expiresAt, put off": { expiresAt: "2099-01-01T00:00:00.000Z" },
  "expiresAt, taken away": { expiresAt: undefined },
} as const;

export const cases = [
  ...Object.entries(CHANGES).map(([name, change]) =>
    refused(`a signed artifact with another ${name}`, "signature_invalid", () => ({
      artifact: {
        ...pack({ KEY: secretValue() }, { signWith: ED25519, expiresAt: later() }),
        ...change,
      },
      env,
    })),
  ),
  refused("a signed artifact with an expiry added", "signature_invalid", () => ({
    artifact: {
      ...pack({ KEY: secretValue() }, { signWith: ED25519 }),
      expiresAt: later().toISOString(),
    },
    env,
  })),
  refused("a signed artifact with another ciphertext and its hash", "signature_invalid", () => {
    const { ciphertext, ciphertextHash } = pack({ KEY: secretValue() });
    const artifact = pack({ KEY: secretValue() }, { signWith: ED25519 });
    return { artifact: { ...artifact, ciphertext, ciphertextHash }, env };
  }),
  refused("a signed artifact with an envelope added", "signature_invalid", () => {
    const artifact = pack({ KEY: secretValue() }, { signWith: ED25519 });
    const envelope = {
      provider: "aws",
      keyId: "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      wrappedKey: Buffer.alloc(64).toString("base64"),
      algorithm: "SYMMETRIC_DEFAULT",
      iv: Buffer.alloc(12).toString("base64"),
      authTag: Buffer.alloc(16).toString("base64"),
    };
    return { artifact: { ...artifact, envelope }, env };
  }),
];
