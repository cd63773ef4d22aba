import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { AgentError } from "../../src/errors.ts";
import { inCustody, type MakeStore, STORES } from "../support/custody.ts";
import { CustodyModel } from "../support/custody-model.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type Held, hostileArtifacts } from "../support/hostile-origin.ts";
import { runs } from "../support/runs.ts";
import { readOnce } from "../support/snapshots.ts";
import { SIGNED } from "../support/verified.ts";

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
  const agent = inCustody({ policy, clock, ttlMs: TTL_MS, makeStore });
  const model = new CustodyModel(TTL_MS);
  const agrees = async (): Promise<void> => {
    const { revision } = agent.custody.status();
    const expected = model.serving(clock.now());
    assert.equal(revision ?? undefined, expected);
    const opened = await readOnce(agent.store, (snapshot) => snapshot.revision);
    assert.equal(opened, expected ?? "empty");
  };
  for (const { held, etags, passMs, sleepMs } of played) {
    if (passMs > 0) await clock.advance(passMs);
    clock.jumpWall(sleepMs);
    await agrees();
    if (held === undefined) agent.source.fails(new AgentError("source_timeout", "late"));
    else agent.source.holds(held.text, etags ? held.text : undefined);
    await agent.look();
    model.look(held, clock.now());
    await agrees();
  }
}

/** How many sequences: fewer where every step decrypts. */
const RUNS = { cached: 3_000, "just-in-time": 1_500 } as const;

for (const name of ["cached", "just-in-time"] as const) {
  const holds = (backMs: number): Promise<void> =>
    fc.assert(
      fc.asyncProperty(steps(artifacts, backMs), (played) => play(STORES[name], played)),
      { numRuns: runs(RUNS[name]) },
    );
  describe(`no sequence of answers makes the ${name} store serve what the rules forbid`, () => {
    test("with artifacts of every kind, while time goes forward", () => holds(0));

    test("with a clock that is set forward and back", () => holds(TTL_MS * 3));
  });
}
