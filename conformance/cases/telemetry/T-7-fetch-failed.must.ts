import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { startCollector } from "../../tools/collector.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "tell of a fetch that failed",
    needs: ["telemetry"],
    run: async (world) => {
      const collector = await startCollector(world);
      const started = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_TELEMETRY_URL: collector.url,
      });
      started.origin.refuse(500);
      started.agent.signal("SIGHUP");
      const { severity, attributes } = await collector.got("fetch.failed");
      equal([severity, attributes["clef.diskCacheAvailable"]], ["WARN", false], "the event");
      ensure(
        String(attributes["clef.error"]).includes("500"),
        `its error is ${String(attributes["clef.error"])}`,
      );
    },
  },
];
