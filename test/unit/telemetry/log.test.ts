import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createLog, type Log, type LogOptions } from "../../../src/telemetry/log.ts";

function logging(options: Partial<LogOptions> = {}): {
  readonly log: Log;
  readonly lines: string[];
} {
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "json",
    write: (line) => lines.push(line),
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    ...options,
  });
  return { log, lines };
}

describe("a line", () => {
  test("in JSON has time, level, message and fields, and ends with a newline", () => {
    const { log, lines } = logging();
    log.warn("hello", { count: 1, yes: true, nothing: null, left: undefined });
    assert.equal(
      lines[0],
      '{"time":"2026-01-02T03:04:05.678Z","level":"warn","message":"hello","count":1,"yes":true,"nothing":null}\n',
    );
  });

  test("in text is for people", () => {
    const { log, lines } = logging({ format: "text" });
    log.info("hello", { address: "127.0.0.1:7779", path: "a b", count: 1, left: undefined });
    assert.equal(lines[0], '03:04:05.678 INFO  hello address=127.0.0.1:7779 path="a b" count=1\n');
  });

  test("is one line whatever a field holds", () => {
    for (const format of ["json", "text"] as const) {
      const { log, lines } = logging({ format });
      log.info("hello", { value: "one\ntwo\r\u001b[31m" });
      const [line = ""] = lines;
      assert.equal(line.indexOf("\n"), line.length - 1);
      assert.ok(!line.includes("\u001b"));
    }
  });

  test("below the level is not written", () => {
    for (const [level, count] of [
      ["debug", 4],
      ["info", 3],
      ["warn", 2],
      ["error", 1],
    ] as const) {
      const { log, lines } = logging({ level });
      log.debug("d");
      log.info("i");
      log.warn("w");
      log.error("e");
      assert.equal(lines.length, count, level);
    }
  });
});

describe("an event", () => {
  test("is written at its severity, with its name and fields", () => {
    const { log, lines } = logging();
    log.event({ name: "artifact.invalid", reason: "integrity", error: "it was changed" });
    const line = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    assert.equal(line["level"], "error");
    assert.equal(line["event"], "artifact.invalid");
    assert.equal(line["reason"], "integrity");
    assert.equal(line["message"], "artifact refused: it was changed");
  });

  test("of every name has a severity and a message", () => {
    const { log, lines } = logging();
    log.event({ name: "agent.started", version: "1" });
    log.event({ name: "agent.stopped", reason: "signal", uptimeSeconds: 1 });
    log.event({ name: "artifact.refreshed", revision: "r", keyCount: 1, kmsEnvelope: false });
    log.event({ name: "artifact.revoked", revokedAt: "x" });
    log.event({ name: "artifact.expired", expiresAt: "x" });
    log.event({
      name: "fetch.failed",
      code: "source_timeout",
      error: "e",
      diskCacheAvailable: true,
    });
    log.event({ name: "cache.expired", cacheTtlSeconds: 1, diskCachePurged: false });
    const levels = lines.map((line) => (JSON.parse(line) as { level: string }).level);
    assert.deepEqual(levels, ["info", "info", "info", "warn", "warn", "warn", "error"]);
  });
});

describe("what is hidden", () => {
  const SECRET = 'tok"en\\123é';
  for (const format of ["json", "text"] as const) {
    test(`does not appear in ${format}, plain, escaped or in a URL`, () => {
      const { log, lines } = logging({ format });
      log.hide(SECRET);
      log.info(`a ${SECRET} b`, {
        field: SECRET,
        url: `http://h/?t=${encodeURIComponent(SECRET)}`,
      });
      const text = lines.join("");
      assert.ok(!text.includes("123"), text);
      assert.equal(text.split("[hidden]").length - 1, 3);
    });
  }

  test("may be several texts, of which one begins like another", () => {
    const { log, lines } = logging();
    log.hide("abcdef");
    log.hide("abcdef-and-more");
    log.info("abcdef-and-more");
    assert.doesNotMatch(lines.join(""), /more/);
  });

  test("is not so short that it would hide harmless text", () => {
    const { log, lines } = logging();
    log.hide("a");
    log.hide("");
    log.info("banana");
    assert.match(lines[0] ?? "", /banana/);
  });

  test("is taken as text and not as a pattern", () => {
    const { log, lines } = logging();
    log.hide("$&$1.*.*");
    log.info("$&$1.*.* and others");
    assert.match(lines[0] ?? "", /"\[hidden\] and others"/);
  });
});
