import { pack } from "../../tools/artifact.ts";
import { ECDSA, ED25519, OTHER_ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

export const cases = [
  refused("what none of several keys signed", "signature_invalid", () => ({
    artifact: pack({ KEY: secretValue() }, { signWith: OTHER_ED25519 }),
    env: { CLEF_AGENT_VERIFY_KEY: [ECDSA.verifyKey, ED25519.verifyKey].join(",") },
  })),
];
