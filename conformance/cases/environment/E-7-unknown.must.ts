import type { Case } from "../../suite/case.ts";
import { refusedConfiguration } from "../../tools/configured.ts";
import { ED25519 } from "../../tools/keys.ts";

const NAMES = {
  CLEF_AGENT_VERIFY_KEYS: "CLEF_AGENT_VERIFY_KEY",
  CLEF_AGENT_VERFY_KEY: "CLEF_AGENT_VERIFY_KEY",
  CLEF_AGENT_IDENTIY: "CLEF_AGENT_IDENTITY",
} as const;

export const cases: readonly Case[] = Object.entries(NAMES).map(([wrong, right]) =>
  refusedConfiguration(
    `${wrong}, and name the right one`,
    () => ({ [wrong]: ED25519.verifyKey }),
    [wrong, right],
    [ED25519.verifyKey],
  ),
);
