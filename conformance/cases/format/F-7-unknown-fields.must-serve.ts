import { pack } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { served } from "../../tools/verdict.ts";

const UNKNOWN = {
  note: "of another version",
  keys: ["KEY"],
  __proto__x: { version: 2 },
  revokedat: 1,
};

export const cases = [
  served("fields that this version does not know", () => {
    const secrets = { KEY: secretValue() };
    return { artifact: pack(secrets, { fields: UNKNOWN }), secrets };
  }),
  served("the same, signed, though no signature covers them", () => {
    const secrets = { KEY: secretValue() };
    return {
      artifact: { ...pack(secrets, { signWith: ED25519 }), ...UNKNOWN },
      env: { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey },
      secrets,
    };
  }),
];
