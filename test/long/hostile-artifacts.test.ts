import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { generateHybridIdentity, generateIdentity } from "age-encryption";
import { NOTHING_ACCEPTED } from "../../src/artifact/trust.ts";
import { createDecrypt } from "../../src/decrypt/decrypt.ts";
import type { Kms } from "../../src/kms/kms.ts";
import { ARTIFACT_MAX_BYTES } from "../../src/limits.ts";
import { attempt } from "../../src/refresh/attempt.ts";
import { RefusalMemory } from "../../src/refresh/refusal-memory.ts";
import { cachedStore } from "../../src/store/cached.ts";
import { justInTimeStore } from "../../src/store/just-in-time.ts";
import { systemClock } from "../../src/system/clock.ts";
import { AGE_IDENTITY } from "../support/artifacts.ts";
import { ageWith } from "../support/decrypting.ts";
import { longestHold } from "../support/held-loop.ts";
import { DATA_KEY, HOSTILE } from "../support/hostile-artifacts.ts";
import { ScriptedSource } from "../support/scripted-source.ts";
import { ANYONE } from "../support/verified.ts";

const MOST_MS = 200;
const kms: Kms = {
  provider: "aws",
  algorithm: "SYMMETRIC_DEFAULT",
  wrap: () => assert.fail("nothing is wrapped"),
  unwrap: async () => Buffer.from(DATA_KEY),
};
const identities = [
  await generateHybridIdentity(),
  await generateIdentity(),
  await generateHybridIdentity(),
  AGE_IDENTITY,
];
const decrypt = createDecrypt(ageWith(...identities), async () => kms);

for (const [mode, store] of [
  ["cached", cachedStore(decrypt, systemClock)],
  ["just-in-time", justInTimeStore(decrypt, systemClock)],
] as const) {
  describe(`in ${mode} mode the event loop is held for less than ${MOST_MS} ms by`, () => {
    for (const [what, make] of Object.entries(HOSTILE)) {
      test(what, async (t) => {
        const bytes = await make();
        assert.ok(bytes.length <= ARTIFACT_MAX_BYTES, `${bytes.length} bytes`);
        const source = new ScriptedSource();
        source.answers(() => ({ kind: "bytes", bytes, etag: undefined }));
        const input = {
          policy: ANYONE,
          store,
          memory: NOTHING_ACCEPTED,
          held: undefined,
          nowMs: Date.now,
        };
        const attemptWith = async (refusals: RefusalMemory): Promise<string> => {
          const outcome = await attempt(source, input, refusals, AbortSignal.any([]));
          if (outcome.kind === "staged") outcome.staged.discard();
          return outcome.kind === "invalid" ? outcome.error.code : outcome.kind;
        };
        let refusals = new RefusalMemory(systemClock);
        let result = "";
        const heldMs = await shortestOf(3, () =>
          longestHold(async () => {
            refusals = new RefusalMemory(systemClock);
            result = await attemptWith(refusals);
          }),
        );
        t.diagnostic(`${result}: ${heldMs.toFixed(0)} ms`);
        assert.ok(heldMs < MOST_MS, `${heldMs.toFixed(0)} ms`);
        const againMs = await shortestOf(3, () => longestHold(() => attemptWith(refusals)));
        assert.ok(againMs < MOST_MS, `the second time ${againMs.toFixed(0)} ms`);
      });
    }
  });
}

/**
 * The shortest of some tries, in milliseconds, made as long as none is short enough. What an artifact costs
 * it costs every time; what the machine adds (a core lent to others, a collection of garbage) comes and goes.
 */
async function shortestOf(tries: number, measure: () => Promise<number>): Promise<number> {
  let shortest = Infinity;
  for (let made = 0; made < tries && shortest >= MOST_MS; made++) {
    shortest = Math.min(shortest, await measure());
  }
  return shortest;
}
