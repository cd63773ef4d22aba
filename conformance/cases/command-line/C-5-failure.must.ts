import type { Case } from "../../suite/case.ts";
import { refusedConfiguration } from "../../tools/configured.ts";

export const cases: readonly Case[] = [
  refusedConfiguration("a verify key that is none", () => ({ CLEF_AGENT_VERIFY_KEY: "bm8ga2V5" }), [
    "CLEF_AGENT_VERIFY_KEY",
  ]),
];
