import type { Case } from "../../suite/case.ts";
import { refusedConfiguration } from "../../tools/configured.ts";

export const cases: readonly Case[] = [
  refusedConfiguration(
    "all that is wrong at once, by name and without a value",
    () => ({
      CLEF_AGENT_CACHE_TTL: "wrong-ttl-value",
      CLEF_AGENT_VERIFY_KEY: "wrong-verify-key-value",
      CLEF_AGENT_AGE_KEY: "wrong-age-key-value",
      CLEF_AGENT_PORT: "wrong-port-value",
      CLEF_AGENT_LOG_LEVEL: "wrong-level-value",
    }),
    [
      "CLEF_AGENT_CACHE_TTL",
      "CLEF_AGENT_VERIFY_KEY",
      "CLEF_AGENT_AGE_KEY",
      "CLEF_AGENT_PORT",
      "CLEF_AGENT_LOG_LEVEL",
    ],
    [
      "wrong-ttl-value",
      "wrong-verify-key-value",
      "wrong-age-key-value",
      "wrong-port-value",
      "wrong-level-value",
    ],
  ),
];
