import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { stopped } from "../../tools/cached.ts";
import { startCollector } from "../../tools/collector.ts";
import { ensure } from "../../tools/expect.ts";
import { secretTexts, secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    // That no log has one is looked at after every case.
    name: "a secret, a token or a key to a collector, whatever happens",
    needs: ["telemetry"],
    run: async (world) => {
      const collector = await startCollector(world);
      const env = { CLEF_AGENT_TELEMETRY_URL: collector.url, CLEF_AGENT_LOG_LEVEL: "debug" };
      const started = await servingOn(
        world,
        pack({ KEY: secretValue(), app: { OTHER: secretValue() } }),
        env,
      );
      const { agent } = started;
      for (const path of ["/v1/secrets", "/v1/secrets/KEY", "/v1/secrets/NONE", "/v1/keys"])
        await agent.get(path);
      await agent.get("/v1/secrets", { headers: { authorization: `Bearer ${secretValue()}` } });
      await hold(started, pack(`{"KEY":"${secretValue()}"`));
      await agent.logged("payload_parse");
      await stopped(started);
      ensure(collector.bodies.length > 0, "the collector got nothing");
      for (const text of secretTexts()) {
        ensure(
          !collector.bodies.some((body) => body.includes(text)),
          `a collector was sent ${text}`,
        );
      }
    },
  },
];
