import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { startCollector } from "../../tools/collector.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "say who it is in the resource, and clef.runtime as the scope",
    needs: ["telemetry"],
    run: async (world) => {
      const collector = await startCollector(world);
      await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_TELEMETRY_URL: collector.url,
        CLEF_AGENT_ID: "agent-of-this-case",
        CLEF_AGENT_IDENTITY: "api",
        CLEF_AGENT_ENVIRONMENT: "production",
      });
      const { resource, scope } = await collector.got("artifact.refreshed");
      const expected = {
        "service.name": "clef-agent",
        "clef.agent.id": "agent-of-this-case",
        "clef.identity": "api",
        "clef.environment": "production",
        "clef.source.type": "http",
      };
      for (const [name, value] of Object.entries(expected)) equal(resource[name], value, name);
      ensure(typeof resource["service.version"] === "string", "there is no service.version");
      equal(scope, "clef.runtime", "the scope");
    },
  },
];
