import { type Artifact, pack, without } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

const ENVELOPE: Artifact = {
  provider: "aws",
  keyId: "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
  wrappedKey: Buffer.alloc(64, 1).toString("base64"),
  algorithm: "SYMMETRIC_DEFAULT",
  iv: Buffer.alloc(12, 1).toString("base64"),
  authTag: Buffer.alloc(16, 1).toString("base64"),
};

const WRONG = {
  "an unknown provider": { provider: "other" },
  "an iv of 16 bytes": { iv: Buffer.alloc(16, 1).toString("base64") },
  "an authTag of 12 bytes": { authTag: Buffer.alloc(12, 1).toString("base64") },
  "a wrapped key that is no base64": { wrappedKey: "not base64" },
  "a newline in its keyId": { keyId: "one\ntwo" },
} as const;

/** The age ciphertext in it is good, and would be served if the envelope were passed over. */
function enveloped(envelope: unknown): ReturnType<Parameters<typeof refused>[2]> {
  return {
    artifact: pack({ KEY: secretValue() }, { signWith: ED25519, fields: { envelope } }),
    env: { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey },
  };
}

export const cases = [
  ...Object.keys(ENVELOPE).map((name) =>
    refused(`an envelope without ${name}`, "incomplete_envelope", () =>
      enveloped(without(ENVELOPE, name)),
    ),
  ),
  refused("an empty envelope", "incomplete_envelope", () => enveloped({})),
  ...Object.entries(WRONG).map(([name, fields]) =>
    refused(`an envelope with ${name}`, "invalid_shape", () =>
      enveloped({ ...ENVELOPE, ...fields }),
    ),
  ),
  refused("an envelope that is a text", "invalid_shape", () => enveloped("aws")),
];
