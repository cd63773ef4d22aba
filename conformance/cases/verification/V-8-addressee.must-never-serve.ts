import { pack } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

const env = {
  CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey,
  CLEF_AGENT_IDENTITY: "api",
  CLEF_AGENT_ENVIRONMENT: "production",
};

const OTHERS = {
  "another identity": { identity: "web" },
  "another environment": { environment: "staging" },
  "the identity in another case": { identity: "API" },
  "an identity that begins as the right one": { identity: "api2" },
} as const;

export const cases = Object.entries(OTHERS).map(([name, fields]) =>
  refused(`an artifact for ${name}, signed`, "identity_mismatch", () => ({
    artifact: pack({ KEY: secretValue() }, { signWith: ED25519, fields }),
    env,
  })),
);
