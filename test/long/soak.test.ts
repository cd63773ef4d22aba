import assert from "node:assert/strict";
import { test } from "node:test";
import { runSoak } from "../../scripts/soak/run-soak.ts";

test("a minute of reads, rotations and chaos by a seed gives no answer that breaks a rule", async (t) => {
  const seed = Math.floor(Math.random() * 1_000_000);
  const report = await runSoak({ minutes: 1, seed });
  const { requests, rotations, deeds, violations, lacks } = report;
  const done = deeds.map(({ name }) => name).join(", ");
  t.diagnostic(`seed ${seed}: ${requests} answers, ${rotations} rotations; ${done}`);
  for (const lack of lacks) t.diagnostic(`without ${lack}`);
  assert.deepEqual(violations, []);
  assert.ok(requests > 1_000 && deeds.length > 0, `only ${requests} answers`);
});
