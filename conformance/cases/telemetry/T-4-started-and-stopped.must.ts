import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { stopped } from "../../tools/cached.ts";
import { startCollector } from "../../tools/collector.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "tell of its start and, before it ends, of its stop",
    needs: ["telemetry"],
    run: async (world) => {
      const collector = await startCollector(world);
      const env = { CLEF_AGENT_TELEMETRY_URL: collector.url };
      const started = await servingOn(world, pack({ KEY: secretValue() }), env);
      await stopped(started);
      const [first] = collector.records;
      equal([first?.body, first?.severity], ["agent.started", "INFO"], "the first event");
      equal(typeof first?.attributes["clef.version"], "string", "the type of its version");
      const last = collector.records.at(-1);
      equal([last?.body, last?.severity], ["agent.stopped", "INFO"], "the last event");
      equal(last?.attributes["clef.reason"], "signal", "its reason");
      equal(
        typeof last?.attributes["clef.uptimeSeconds"],
        "number",
        "the type of its uptimeSeconds",
      );
    },
  },
];
