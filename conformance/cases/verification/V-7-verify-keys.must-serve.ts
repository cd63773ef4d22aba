import { pack } from "../../tools/artifact.ts";
import { ECDSA, ED25519, OTHER_ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { served } from "../../tools/verdict.ts";

const KEYS = {
  "one key in base64": ED25519.verifyKey,
  "one key in PEM": ED25519.pem,
  "the last of several": [OTHER_ED25519.verifyKey, ECDSA.verifyKey, ED25519.verifyKey].join(","),
  "one of PEM and base64 together": [ECDSA.pem, ED25519.verifyKey].join(","),
} as const;

export const cases = Object.entries(KEYS).map(([name, value]) =>
  served(`what was signed by ${name}`, () => {
    const secrets = { KEY: secretValue() };
    return {
      artifact: pack(secrets, { signWith: ED25519 }),
      env: { CLEF_AGENT_VERIFY_KEY: value },
      secrets,
    };
  }),
);
