import { pack } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

const OTHERS = [2, 0, 1.5, "1", true, [1]];

export const cases = OTHERS.map((version) =>
  refused(`version ${JSON.stringify(version)}, signed`, "unsupported_version", () => ({
    artifact: pack({ KEY: secretValue() }, { signWith: ED25519, fields: { version } }),
    env: { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey },
  })),
);
