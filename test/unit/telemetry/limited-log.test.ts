import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LOG_BURST } from "../../../src/limits.ts";
import { limitedLog } from "../../../src/telemetry/limited-log.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { recordingLog } from "../../support/recording-log.ts";

function begin() {
  const clock = new FakeClock();
  const recorded = recordingLog();
  return { clock, recorded, log: limitedLog(recorded.log, clock) };
}

describe("a log that is flooded", () => {
  test("has the first lines of each kind, then a line that sums the rest up", async () => {
    const { clock, recorded, log } = begin();
    for (let line = 0; line < 1_000; line++) log.warn("a request was refused", { line });
    log.info("something else");
    assert.equal(recorded.lines.length, LOG_BURST + 1);
    await clock.advance(60_000);
    assert.deepEqual(recorded.lines.at(-1), {
      time: "1970-01-01T00:00:00.000Z",
      level: "warn",
      message: "980 more lines like this within 60 s: a request was refused",
      suppressed: 980,
    });
    await clock.advance(3_600_000);
    assert.equal(recorded.lines.length, LOG_BURST + 2);
  });

  test("goes on with one summary a minute as long as the flood lasts", async () => {
    const { clock, recorded, log } = begin();
    for (let second = 0; second < 300; second++) {
      for (let line = 0; line < 100; line++) log.error("broken");
      await clock.advance(1_000);
    }
    const lines = recorded.messages("error");
    const summaries = lines.filter((line) => line.includes("more lines like this"));
    assert.ok(summaries.length >= 4 && summaries.length <= 5, summaries.join("\n"));
    assert.ok(lines.length <= LOG_BURST * 6 + summaries.length);
  });

  test("tells events of one name apart by their reason, whatever their message", async () => {
    const { clock, recorded, log } = begin();
    for (let line = 0; line < 30; line++) {
      log.event({ name: "artifact.invalid", reason: "rollback", error: `older: ${line}` });
    }
    log.event({ name: "artifact.invalid", reason: "integrity", error: "changed" });
    assert.equal(recorded.events().length, LOG_BURST + 1);
    await clock.advance(60_000);
    assert.equal(
      recorded.messages("error").at(-1),
      "10 more lines like this within 60 s: artifact.invalid (rollback)",
    );
  });

  test("has every debug line: somebody asked for them", () => {
    const { recorded, log } = begin();
    for (let line = 0; line < 100; line++) log.debug("source unchanged");
    assert.equal(recorded.lines.length, 100);
  });

  test("says at the end what it left out until then", () => {
    const { recorded, log } = begin();
    for (let line = 0; line < 25; line++) log.info("again");
    log.finish();
    assert.match(recorded.messages("info").at(-1) ?? "", /^5 more lines/);
  });

  test("sums up lines at their own level, so that ordinary ones do not look like trouble", () => {
    const { recorded, log } = begin();
    for (let line = 0; line < 25; line++) {
      log.info("again");
      log.warn("again");
      log.event({ name: "artifact.refreshed", revision: "1-a", keyCount: 1, kmsEnvelope: false });
    }
    log.finish();
    const summaries = recorded.lines.filter(({ suppressed }) => suppressed !== undefined);
    assert.deepEqual(
      summaries.map(({ level, message }) => `${String(level)}: ${String(message)}`),
      [
        "info: 5 more lines like this within 60 s: again",
        "info: 5 more lines like this within 60 s: artifact.refreshed",
        "warn: 5 more lines like this within 60 s: again",
      ],
    );
  });
});
