import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { startCollector } from "../../tools/collector.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  { mode: "in cached mode", ttl: "300", keyCount: 2 },
  { mode: "in just-in-time mode, without a keyCount", ttl: "0", keyCount: undefined },
].map(({ mode, ttl, keyCount }): Case => ({
  name: `tell of a new artifact ${mode}`,
  needs: ttl === "0" ? ["telemetry", "jit"] : ["telemetry"],
  run: async (world) => {
    const collector = await startCollector(world);
    const artifact = pack({ KEY: secretValue(), app: { KEY: "x" } });
    await servingOn(world, artifact, {
      CLEF_AGENT_TELEMETRY_URL: collector.url,
      CLEF_AGENT_CACHE_TTL: ttl,
    });
    const { severity, attributes } = await collector.got("artifact.refreshed");
    equal(severity, "INFO", "the severity");
    const found = ["revision", "keyCount", "kmsEnvelope"].map((name) => attributes[`clef.${name}`]);
    equal(found, [artifact["revision"], keyCount, false], "revision, keyCount and kmsEnvelope");
  },
}));
