import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { AgentError } from "../../src/errors.ts";
import { custody, type MakeStore, newCachedStore } from "../support/custody.ts";
import { CustodyModel } from "../support/custody-model.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type Held, hostileArtifacts } from "../support/hostile-origin.ts";
import { heldBy } from "../support/snapshots.ts";
import { SIGNED } from "../support/verified.ts";

/** Every store that keeps secrets for a custodian; each must come through all of this. */
const STORES: Readonly<Record<string, MakeStore>> = { "the cached store": newCachedStore };

const NOW = Date.UTC(2026, 5, 1);
const TTL_MS = 100_000;
const policy = { ...SIGNED, identity: "api-gateway", environment: "production" };
const artifacts = await hostileArtifacts(NOW);

interface Step {
  /** What the origin holds now; undefined is no answer. */
  readonly held: Held | undefined;
  /** Whether it knows the state again by an etag, rightly. */
  readonly etags: boolean;
  readonly passMs: number;
  readonly sleepMs: number;
}

function steps(from: readonly Held[], backMs: number): fc.Arbitrary<readonly Step[]> {
  const rarely = (some: fc.Arbitrary<number>): fc.Arbitrary<number> =>
    fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: some });
  const good = from.filter((held) => held.good !== undefined);
  const step = fc.record({
    held: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...good) },
      { weight: 4, arbitrary: fc.constantFrom(...from) },
      { weight: 1, arbitrary: fc.constant(undefined) },
    ),
    etags: fc.boolean(),
    passMs: rarely(fc.integer({ min: 1, max: TTL_MS })),
    sleepMs: rarely(fc.integer({ min: -backMs, max: TTL_MS })),
  });
  return fc.array(step, { minLength: 1, maxLength: 12 });
}

async function play(makeStore: MakeStore, played: readonly Step[]): Promise<void> {
  const clock = new FakeClock(NOW);
  const agent = custody({ policy, clock, ttlMs: TTL_MS, makeStore });
  const model = new CustodyModel(TTL_MS);
  const agrees = (): void => {
    const { revision } = agent.custodian.status();
    assert.equal(revision ?? undefined, model.serving(clock.now()));
    assert.equal(heldBy(agent.store)?.revision, model.serving(clock.now()));
  };
  for (const { held, etags, passMs, sleepMs } of played) {
    if (passMs > 0) await clock.advance(passMs);
    clock.jumpWall(sleepMs);
    agrees();
    if (held === undefined) agent.source.fails(new AgentError("source_timeout", "late"));
    else agent.source.holds(held.text, etags ? held.text : undefined);
    await agent.look();
    model.look(held, clock.now());
    agrees();
  }
}

for (const [name, makeStore] of Object.entries(STORES)) {
  describe(`no sequence of answers makes ${name} serve what the rules forbid`, () => {
    test("with artifacts of every kind, while time goes forward", async () => {
      await fc.assert(
        fc.asyncProperty(steps(artifacts, 0), (played) => play(makeStore, played)),
        { numRuns: 3_000 },
      );
    });

    test("with a clock that is set forward and back", async () => {
      await fc.assert(
        fc.asyncProperty(steps(artifacts, TTL_MS * 3), (played) => play(makeStore, played)),
        { numRuns: 3_000 },
      );
    });
  });
}
