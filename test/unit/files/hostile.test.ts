import assert from "node:assert/strict";
import { test } from "node:test";
import { hostileTrial } from "../../support/hostile-trial.ts";

test("a hostile process in the directory makes the agent write or remove nothing outside of it", async (context) => {
  const { written, refused } = await hostileTrial(context, 200);
  assert.ok(written > 10, `${written} went through, ${refused} were refused`);
});
