import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { startCollector } from "../../tools/collector.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "send OTLP in JSON by POST to the URL as it is given",
    needs: ["telemetry"],
    run: async (world) => {
      const collector = await startCollector(world);
      const url = `${collector.url}/of/mine?team=a`;
      await servingOn(world, pack({ KEY: secretValue() }), { CLEF_AGENT_TELEMETRY_URL: url });
      const { method, url: asked, headers } = await collector.got("agent.started");
      equal([method, asked], ["POST", "/v1/logs/of/mine?team=a"], "the request");
      ensure(
        headers["content-type"]?.startsWith("application/json") === true,
        `it is ${headers["content-type"]}`,
      );
    },
  },
];
