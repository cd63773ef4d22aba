import assert from "node:assert/strict";
import { test } from "node:test";
import { hostileTrial } from "../support/hostile-trial.ts";

test("10,000 tries beside a hostile process write or remove nothing outside of the directory", async (context) => {
  const { written, refused } = await hostileTrial(context, 10_000);
  assert.ok(written > 1_000, `${written} went through, ${refused} were refused`);
});
