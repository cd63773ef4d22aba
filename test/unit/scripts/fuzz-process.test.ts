import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { type Ended, runLoop } from "../../../scripts/fuzz/process.ts";
import type { Report } from "../../../scripts/fuzz/reports.ts";
import { ROOT } from "../../../scripts/run.ts";

/** Fuzzes the toy with these inputs to begin with. */
async function fuzzToy(
  corpus: readonly string[],
  goesOn = true,
): Promise<{ readonly ended: Ended; readonly reports: readonly Report[] }> {
  const reports: Report[] = [];
  const ended = await runLoop({
    file: path.join(ROOT, "test/support/toy-fuzzing.ts"),
    orders: { places: 4, seconds: 60, runs: 200, seed: 1, corpus },
    hangsMs: 5_000,
    onReport(report) {
      reports.push(report);
      return goesOn;
    },
  });
  return { ended, reports };
}

const faultsOf = (reports: readonly Report[]): readonly (readonly [string, string])[] =>
  reports.flatMap((report) =>
    report.kind === "fault" ? [[report.input, report.fault.split("\n")[0] ?? ""] as const] : [],
  );

describe("the process in which a target is fuzzed", () => {
  test("runs as many inputs as it was told, and says so", async () => {
    const { ended, reports } = await fuzzToy([]);
    assert.equal(ended.how, "done");
    const [only] = reports;
    assert.ok(reports.length === 1 && only?.kind === "end" && only.runs >= 200);
  });

  test("reports an input that is a finding, and goes on", async () => {
    const { ended, reports } = await fuzzToy(["throw"]);
    assert.equal(ended.how, "done");
    assert.deepEqual(faultsOf(reports).slice(0, 1), [["throw", "Error: it threw"]]);
    assert.equal(reports.at(-1)?.kind, "end");
  });

  test("is stopped by whoever has seen enough", async () => {
    const { ended } = await fuzzToy(["throw"], false);
    assert.equal(ended.how, "stopped");
  });

  test("reports an error that nobody caught with the input that ran then", async () => {
    const { ended, reports } = await fuzzToy(["later"]);
    assert.equal(ended.how, "uncaught");
    assert.deepEqual(faultsOf(reports), [["later", "it is not caught: Error: it threw later"]]);
  });

  test("leaves the input that ran when Node.js itself ended", async () => {
    const { ended, reports } = await fuzzToy(["crash"]);
    assert.deepEqual(ended.how, { crash: "SIGSEGV" });
    assert.equal(ended.input.toString("latin1"), "crash");
    assert.deepEqual(reports, []);
  });

  test("is ended when an input does not end", async () => {
    const { ended } = await fuzzToy(["hang"]);
    assert.equal(ended.how, "hung");
    assert.equal(ended.input.toString("latin1"), "hang");
  });
});
