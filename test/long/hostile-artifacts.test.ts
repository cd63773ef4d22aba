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
        const refusals = new RefusalMemory(systemClock);
        const cpu = process.cpuUsage();
        let result = "";
        const heldMs = await longestHold(async () => {
          const outcome = await attempt(source, input, refusals, AbortSignal.any([]));
          result = outcome.kind === "invalid" ? outcome.error.code : outcome.kind;
          if (outcome.kind === "staged") outcome.staged.discard();
        });
        const { user, system } = process.cpuUsage(cpu);
        t.diagnostic(
          `${result}: ${heldMs.toFixed(0)} ms, ${((user + system) / 1000).toFixed(0)} ms of CPU`,
        );
        assert.ok(heldMs < MOST_MS, `${heldMs.toFixed(0)} ms`);
        const againMs = await longestHold(() =>
          attempt(source, input, refusals, AbortSignal.any([])),
        );
        assert.ok(againMs < MOST_MS, `the second time ${againMs.toFixed(0)} ms`);
      });
    }
  });
}
