import { pack } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

const NO_DATES = ["never", "2099-13-01T00:00:00Z", "2099-02-30T00:00:00Z", "99", ""];

export const cases = ["packedAt", "expiresAt"].flatMap((name) =>
  NO_DATES.map((text) =>
    refused(`${name} "${text}", signed`, "invalid_shape", () => ({
      artifact: pack({ KEY: secretValue() }, { signWith: ED25519, fields: { [name]: text } }),
      env: { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey },
    })),
  ),
);
