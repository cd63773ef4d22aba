import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { test } from "node:test";
import { actionlint, ROOT, run } from "../support/interop.ts";

const command = actionlint();
const skip = command === undefined && "actionlint is not installed";

test("actionlint finds nothing wrong with the workflows", { skip }, () => {
  const files = globSync(".github/workflows/*.yml", { cwd: ROOT });
  const { status, stdout, stderr } = run(command ?? "", files);
  assert.equal(status, 0, stdout + stderr);
});
