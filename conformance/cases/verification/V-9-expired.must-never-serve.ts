import { pack } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

const AGES = { "a second": 1, "a year": 365 * 86_400 } as const;

export const cases = Object.entries(AGES).map(([name, seconds]) =>
  refused(`an artifact that expired ${name} ago, signed`, "expired", () => ({
    artifact: pack(
      { KEY: secretValue() },
      { signWith: ED25519, expiresAt: new Date(Date.now() - seconds * 1000) },
    ),
    env: { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey },
  })),
);
