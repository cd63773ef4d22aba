import type { Case } from "../../suite/case.ts";
import { refusedConfiguration } from "../../tools/configured.ts";

const WRONG = {
  CLEF_AGENT_CACHE_TTL: ["29", "1", "-1", "30s", "30.5", "1e3", "0x40", "five"],
  CLEF_AGENT_STARTUP_TIMEOUT: ["-1", "1m", "1.5"],
  CLEF_AGENT_PORT: ["65536", "-1", "http", "80.5"],
} as const;

export const cases: readonly Case[] = Object.entries(WRONG).flatMap(([name, values]) =>
  values.map((value) =>
    refusedConfiguration(`${name}=${value}`, () => ({ [name]: value }), [name]),
  ),
);
