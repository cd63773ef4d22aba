import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { attack, limitedAgent, statusOf, timed, timedHealth } from "../support/availability.ts";
import { eventually } from "../support/temporary.ts";

const KINDS = [
  "idle",
  "half_closed",
  "slow_headers",
  "health",
  "unauthorized",
  "forbidden",
  "pipelined",
  "many_headers",
  "connect_flood",
] as const;

/** Descriptors, and the connections that an attacker keeps: more than the agent has places for. */
const LIMITS = [
  [256, 300],
  [1_024, 1_300],
  [65_536, 1_300],
] as const;

/** What an application is promised. */
const SERVED_MS = 50;
/** A file is looked at every 2 s, should no event come. */
const REVOKED_MS = 3_000;
/** Requests in a row under each attack, and attacks before its figures are believed. */
const ROUNDS = 40;
const TRIES = 3;

for (const [descriptors, sockets] of LIMITS) {
  describe(`with ${descriptors} descriptors, somebody without the token takes neither answers, nor health, nor a revocation`, () => {
    for (const kind of KINDS) {
      test(`by ${kind}`, async (t) => {
        const { agent, port, kept, revoke } = await limitedAgent(t, descriptors);
        const connections = new Set<unknown>();
        kept.on("free", (socket) => connections.add(socket));
        const end = await attack(t, port, kind, sockets);
        const medians: number[] = [];
        while (medians.length < TRIES && !(Math.min(...medians) < SERVED_MS)) {
          const served: number[] = [];
          const health: number[] = [];
          for (let round = 0; round < ROUNDS; round++) {
            served.push(await timed(port, "/v1/secrets", kept));
            // A new client waits in one line with those of the attack (SECURITY.md): that it is answered counts.
            if (round % 8 === 0) health.push(await timedHealth(port));
          }
          t.diagnostic(`served ${range(served)}, health ${range(health)}`);
          medians.push(median(served));
        }
        // The median, and of several tries, as the machine of a test is no quiet one; a stall of every
        // answer shows in it.
        assert.ok(Math.min(...medians) < SERVED_MS, `${Math.min(...medians)} ms`);
        assert.equal(connections.size, 1, "the application's connection was never closed");

        await revoke();
        const isRevoked = async (): Promise<boolean> =>
          (await statusOf(port, "/v1/ready", kept)) === 503;
        await eventually("the revocation", isRevoked, REVOKED_MS);
        await end();
        const warnings = agent.log.filter(({ listener }) => listener === "CLEF_AGENT_PORT");
        assert.ok(warnings.length <= 2, "one line a minute tells of it");
        assert.ok(!agent.stderr.includes("EMFILE"), agent.stderr);
      });
    }
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Infinity;
}

function range(values: readonly number[]): string {
  return `${median(values).toFixed(1)} to ${Math.max(...values).toFixed(1)} ms`;
}
