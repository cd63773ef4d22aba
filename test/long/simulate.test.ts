import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { blockOf } from "../../scripts/simulate/document.ts";
import { runAll } from "../../scripts/simulate/phases.ts";
import { reportPicture } from "../../scripts/simulate/picture.ts";
import { reportTable } from "../../scripts/simulate/table.ts";

const report = runAll();
const read = (name: string): Promise<string> =>
  readFile(new URL(`../../docs/${name}`, import.meta.url), "utf8");

test("in a steady day the busiest second of the origin has less than twice the mean", () => {
  assert.ok(report.day.peakRatio < 2, report.day.peakRatio.toFixed(2));
});

test("an origin that comes late to a cold start is asked by less than a third of the agents in any second", () => {
  const { waiting, coming } = report.lateStart;
  assert.ok(coming.peakPerSecond < 10_000 / 3, String(coming.peakPerSecond));
  // The first retries of all, which started in one second, are still close together.
  assert.ok(waiting.peakPerSecond < 10_000 / 2, String(waiting.peakPerSecond));
});

for (const recovery of report.recoveries) {
  test(`when it ends (${recovery.name}), the busiest second has less than four times the steady mean`, () => {
    assert.ok(recovery.peakRatio < 4, recovery.peakRatio.toFixed(2));
  });
}

test("docs/reliability.md and its picture show this simulation (npm run simulate)", async () => {
  assert.equal(blockOf(await read("reliability.md"), "simulation"), reportTable(report));
  assert.equal(await read("images/fleet.svg"), reportPicture(report));
});
