import { test } from "node:test";
import { revocation } from "../support/artifacts.ts";
import { whyNoCoreDump } from "../support/core-dump.ts";
import { fileTrialSource, justInTimeTrial, memoryTrial } from "../support/memory-trial.ts";

const skip = await whyNoCoreDump();

test("after a revocation a core dump holds no copy of any secret value", { skip }, async (t) => {
  const source = await fileTrialSource(t);
  await memoryTrial(t, source, () => source.put(revocation()));
});

test("in just-in-time mode a core dump between requests holds none", { skip }, async (t) => {
  await justInTimeTrial(t, await fileTrialSource(t), 1);
});
