import type { Case } from "../../suite/case.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { holdRefused, servingOn } from "../../tools/verdict.ts";

const OTHERS = {
  identity: { identity: "web" },
  environment: { environment: "staging" },
} as const;

const CONFIGURED = { CLEF_AGENT_IDENTITY: "api", CLEF_AGENT_ENVIRONMENT: "production" };

export const cases: readonly Case[] = Object.entries(OTHERS).flatMap(([name, fields]): Case[] => [
  {
    name: `what it serves, after a marker for another ${name} than the configured one`,
    run: async (world) => {
      const started = await servingOn(world, pack({ KEY: secretValue() }), CONFIGURED);
      await holdRefused(started, marker(fields), "identity_mismatch");
    },
  },
  {
    name: `what it serves, after a marker for another ${name} than that of what it serves`,
    run: async (world) => {
      const started = await servingOn(world, pack({ KEY: secretValue() }));
      await holdRefused(started, marker(fields), "identity_mismatch");
    },
  },
]);
