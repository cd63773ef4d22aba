import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { startCollector } from "../../tools/collector.ts";
import { ensure } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "have a random UUID as its id, another one in each process",
    needs: ["telemetry"],
    run: async (world) => {
      const ids = new Set<unknown>();
      for (let n = 0; n < 2; n++) {
        const collector = await startCollector(world);
        await servingOn(world, pack({ KEY: secretValue() }), {
          CLEF_AGENT_TELEMETRY_URL: collector.url,
        });
        const id = (await collector.got("agent.started")).resource["clef.agent.id"];
        ensure(
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(String(id)),
          `it is ${String(id)}`,
        );
        ids.add(id);
      }
      ensure(ids.size === 2, "two processes have one id");
    },
  },
];
