import type { Case } from "../../suite/case.ts";
import { refusedConfiguration } from "../../tools/configured.ts";
import { AGE } from "../../tools/keys.ts";

export const cases: readonly Case[] = [
  refusedConfiguration(
    "a file of keys that is not there",
    () => ({
      CLEF_AGENT_AGE_KEY: undefined,
      CLEF_AGENT_AGE_KEY_FILE: "/nonexistent/age.key",
    }),
    ["CLEF_AGENT_AGE_KEY_FILE"],
  ),
  refusedConfiguration(
    "a recipient in the place of an identity",
    () => ({ CLEF_AGENT_AGE_KEY: AGE.recipient }),
    ["CLEF_AGENT_AGE_KEY"],
  ),
  refusedConfiguration(
    "half of an identity",
    () => ({ CLEF_AGENT_AGE_KEY: AGE.identity.slice(0, 40) }),
    ["CLEF_AGENT_AGE_KEY"],
    [AGE.identity.slice(16, 40)],
  ),
];
