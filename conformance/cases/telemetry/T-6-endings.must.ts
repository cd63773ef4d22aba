import type { Case } from "../../suite/case.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { startCollector } from "../../tools/collector.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { expiring, hold, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "tell of a revocation",
    needs: ["telemetry"],
    run: async (world) => {
      const collector = await startCollector(world);
      const started = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_TELEMETRY_URL: collector.url,
      });
      const revokedAt = "2026-01-02T03:04:05.000Z";
      await hold(started, marker({ revokedAt }));
      const { severity, attributes } = await collector.got("artifact.revoked");
      equal([severity, attributes["clef.revokedAt"]], ["WARN", revokedAt], "the event");
    },
  },
  {
    // Nobody asks for anything: a timer ends it.
    name: "tell of an artifact's expiry, though nobody asks for a secret",
    needs: ["telemetry"],
    waitsSeconds: 5,
    run: async (world) => {
      const collector = await startCollector(world);
      const env = { CLEF_AGENT_TELEMETRY_URL: collector.url };
      const { expiresAt } = await expiring(world, { KEY: secretValue() }, 4, env);
      const { severity, attributes } = await collector.got("artifact.expired");
      equal(
        [severity, attributes["clef.expiresAt"]],
        ["WARN", expiresAt.toISOString()],
        "the event",
      );
    },
  },
  {
    name: "tell of the end of the TTL",
    needs: ["telemetry"],
    waitsSeconds: 32,
    run: async (world) => {
      const collector = await startCollector(world);
      const env = { CLEF_AGENT_TELEMETRY_URL: collector.url, CLEF_AGENT_CACHE_TTL: "30" };
      const { origin } = await servingOn(world, pack({ KEY: secretValue() }), env);
      origin.hangUp();
      const { severity, attributes } = await collector.got("cache.expired", 50);
      const found = [attributes["clef.cacheTtlSeconds"], attributes["clef.diskCachePurged"]];
      equal([severity, ...found], ["ERROR", 30, false], "the event");
    },
  },
];
