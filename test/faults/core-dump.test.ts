import { test } from "node:test";
import { revocation } from "../support/artifacts.ts";
import { whyNoCoreDump } from "../support/core-dump.ts";
import { justInTimeTrial } from "../support/just-in-time-trial.ts";
import { fileTrialSource, memoryTrial } from "../support/memory-trial.ts";

const skip = await whyNoCoreDump();
/** A dump is large, and slow to write where others write as well. */
const slow = { skip, timeout: 240_000 };

test("after a revocation a core dump holds no copy of any secret value", slow, async (t) => {
  const source = await fileTrialSource(t);
  await memoryTrial(t, source, () => source.put(revocation()));
});

test("in just-in-time mode a core dump between requests holds none", slow, async (t) => {
  await justInTimeTrial(t, { source: await fileTrialSource(t), rounds: 1 });
});
