import type { Case } from "../../suite/case.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { stopped } from "../../tools/cached.ts";
import { startCollector } from "../../tools/collector.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "name each record by its event, and its fields by clef.",
    needs: ["telemetry"],
    run: async (world) => {
      const collector = await startCollector(world);
      const env = { CLEF_AGENT_TELEMETRY_URL: collector.url };
      const started = await servingOn(world, pack({ KEY: secretValue() }), env);
      await hold(started, marker());
      await started.agent.refuses("revoked");
      await stopped(started);
      ensure(collector.records.length >= 4, `it sent ${collector.records.length} records`);
      for (const { body, attributes } of collector.records) {
        equal(attributes["event.name"], `clef.${body}`, "event.name");
        for (const name of Object.keys(attributes))
          ensure(/^(?:event\.name|clef\..+)$/.test(name), `there is ${name}`);
      }
    },
  },
];
