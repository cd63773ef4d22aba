import { pack } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

const FIELDS = {
  "a newline in the identity": { identity: "api\nproduction" },
  "a newline in the environment": { environment: "production\n" },
  "a newline in the revision": { revision: "1700000000000-\n01234567" },
  "a tab in the identity": { identity: "a\tpi" },
  "a NUL in the environment": { environment: "production\u0000" },
  "a C1 control in the revision": { revision: "1700000000000-01234567\u0085" },
} as const;

export const cases = Object.entries(FIELDS).map(([name, fields]) =>
  refused(`${name}, signed`, "invalid_shape", () => ({
    artifact: pack({ KEY: secretValue() }, { signWith: ED25519, fields }),
    env: { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey },
  })),
);
