import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { NODE_VERSION, TARGETS } from "../../../scripts/binary/targets.ts";
import { ROOT } from "../../../scripts/run.ts";

test("executables are made of the Node.js that package.json pins", () => {
  const manifest = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  assert.equal(NODE_VERSION, manifest.devDependencies["node"]);
});

test("every target has a sum of its own", () => {
  const sums = new Set(TARGETS.map(({ sha256 }) => sha256));
  assert.equal(sums.size, TARGETS.length);
  for (const sum of sums) assert.match(sum, /^[0-9a-f]{64}$/);
});
