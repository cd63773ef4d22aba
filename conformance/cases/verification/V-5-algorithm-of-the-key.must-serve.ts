import { pack } from "../../tools/artifact.ts";
import { ECDSA, ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { served } from "../../tools/verdict.ts";

export const cases = [
  { key: ED25519, named: "ECDSA_SHA256" },
  { key: ECDSA, named: "Ed25519" },
].map(({ key, named }) =>
  served(`a signature by ${key.algorithm} that calls itself ${named}`, () => {
    const secrets = { KEY: secretValue() };
    return {
      artifact: { ...pack(secrets, { signWith: key }), signatureAlgorithm: named },
      env: { CLEF_AGENT_VERIFY_KEY: key.verifyKey },
      secrets,
    };
  }),
);
