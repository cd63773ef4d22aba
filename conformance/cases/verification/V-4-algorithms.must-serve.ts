import { pack } from "../../tools/artifact.ts";
import { ECDSA, ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { served } from "../../tools/verdict.ts";

export const cases = [ED25519, ECDSA].map((key) =>
  served(`a signature by ${key.algorithm}, with an expiry`, () => {
    const secrets = { KEY: secretValue() };
    const expiresAt = new Date(Date.now() + 3_600_000);
    return {
      artifact: pack(secrets, { signWith: key, expiresAt }),
      env: { CLEF_AGENT_VERIFY_KEY: key.verifyKey },
      secrets,
    };
  }),
);
