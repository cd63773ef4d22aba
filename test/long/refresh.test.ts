import assert from "node:assert/strict";
import { test } from "node:test";
import { pack, revocation } from "../support/artifacts.ts";
import { clef } from "../support/cli.ts";
import { outcomeOf, refreshTrial } from "../support/refresh-trial.ts";

for (const ttl of ["300", "0"]) {
  test(`refresh and healthcheck exit with 0 where nothing changed, and with 1 where the answer is no, in ${ttl === "0" ? "just-in-time" : "cached"} mode`, async (t) => {
    const { agent, socket, put } = await refreshTrial(t, ttl);
    const env = { CLEF_AGENT_SOCKET: socket };
    const held = await pack({ secrets: { KEY: "new" } });
    for (const [text, outcome, code] of [
      [held, "refreshed", 0],
      [held, "unchanged", 0],
      ["", "failed", 1],
      ["{}", "invalid", 1],
      [revocation(), "revoked", 1],
    ] as const) {
      put(text);
      const result = await clef(["refresh"], { env });
      assert.deepEqual([outcomeOf(result), result.code, result.stderr], [outcome, code, ""]);
    }
    await agent.logged("the revocation", ({ event }) => event === "artifact.revoked");
    assert.equal((await clef(["healthcheck", "live"], { env })).code, 0);
    assert.equal((await clef(["healthcheck", "ready"], { env })).code, 1);
  });
}
