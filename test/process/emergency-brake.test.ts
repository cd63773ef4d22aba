import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { AGENT_COMMAND, AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { Origin } from "../support/origin.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const ATTACK = fileURLToPath(new URL("../support/connection-attack.ts", import.meta.url));
const DESCRIPTORS = 256;
/** One poll at the least TTL, and in just-in-time mode; with some of the time that a busy machine needs. */
const ONE_POLL_MS = 8_000;
const MODES = { cached: "30", "just-in-time": "0" } as const;
const MARKERS = ['{"revokedAt":"now"}', '{"revokedAt":true,"version":"?"}'] as const;

/** Keeps more connections open than the agent has descriptors for. */
async function fillTable(t: TestContext, port: number): Promise<void> {
  const child = spawn(process.execPath, [ATTACK, String(port), "idle", String(DESCRIPTORS + 50)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
}

describe("at a full descriptor table, from an HTTP origin,", { concurrency: true }, () => {
  for (const [mode, ttl] of Object.entries(MODES)) {
    for (const marker of MARKERS) {
      test(`the marker ${marker} revokes within one poll in ${mode} mode, in memory and on disk`, async (t) => {
        const origin = await Origin.start(t);
        origin.artifact = await pack();
        const directory = join(await temporaryDirectory(t), "cache");
        const agent = AgentProcess.start(
          t,
          {
            CLEF_AGENT_SOURCE: origin.url,
            CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
            CLEF_AGENT_CACHE_TTL: ttl,
            CLEF_AGENT_CACHE_PATH: directory,
          },
          [],
          ["sh", "-c", `ulimit -n ${DESCRIPTORS}; exec "$@"`, "sh", ...AGENT_COMMAND, "run"],
        );
        await agent.ready();
        assert.equal((await agent.get("/v1/secrets")).status, 200);
        const artifacts = async (): Promise<readonly string[]> =>
          (await readdir(directory)).filter((name) => name.endsWith(".json"));
        assert.equal((await artifacts()).length, 1);
        await fillTable(t, await agent.port());

        origin.artifact = marker;
        const isRevoked = (): boolean =>
          agent.log.some(({ event }) => event === "artifact.revoked");
        await eventually("the revocation", isRevoked, ONE_POLL_MS);
        const { status, body } = await agent.get("/v1/secrets");
        assert.deepEqual([status, body], [503, '{"error":"Artifact revoked"}']);
        await eventually("an empty cache", async () => (await artifacts()).length === 0);
      });
    }
  }
});
