import { pack, without } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

const env = { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey };

export const cases = [
  refused("no signature", "signature_missing", () => ({
    artifact: pack({ KEY: secretValue() }),
    env,
  })),
  refused("no signature, though an algorithm is named", "signature_missing", () => ({
    artifact: without(pack({ KEY: secretValue() }, { signWith: ED25519 }), "signature"),
    env,
  })),
];
