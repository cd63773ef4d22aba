import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeRequest } from "../../support/otlp-definitions.ts";

const KEY_VALUE = { key: "a", value: { stringValue: "b" } };

function problemsOf(logRecord: unknown): readonly string[] {
  const request = { resourceLogs: [{ scopeLogs: [{ logRecords: [logRecord] }] }] };
  const body = Buffer.from(JSON.stringify(request));
  return decodeRequest("/v1/logs", "application/json", body).problems;
}

/** The receiver of all telemetry tests is worth nothing if it takes everything. */
describe("a request is refused", () => {
  for (const [what, record] of [
    ["an unknown field", { timeUnixNanos: "1" }],
    ["a field in the spelling of the definitions", { severity_number: 9 }],
    ["a severity that does not exist", { severityNumber: 99 }],
    ["a severity by its name", { severityNumber: "SEVERITY_NUMBER_INFO" }],
    ["a time that is no number", { timeUnixNano: "now" }],
    ["a time that is not exact", { timeUnixNano: 1.5 }],
    ["two kinds of value at once", { body: { stringValue: "a", intValue: "1" } }],
    ["attributes that are no list", { attributes: KEY_VALUE }],
    ["a value of the wrong type", { attributes: [{ key: "a", value: { stringValue: 1 } }] }],
    ["an unknown field deep inside", { attributes: [{ ...KEY_VALUE, other: 1 }] }],
  ] as const) {
    test(`for ${what}`, () => {
      assert.equal(problemsOf(record).length, 1);
    });
  }

  test("for a field of protobuf that is not defined", () => {
    const { problems } = decodeRequest(
      "/v1/logs",
      "application/x-protobuf",
      Buffer.from([0x0a, 0x03, 0xf8, 0x3e, 0x00]),
    );
    assert.deepEqual(problems, [
      "ExportLogsServiceRequest.resourceLogs has a field 1007, which is not defined",
    ]);
  });

  test("for another path or encoding", () => {
    const body = Buffer.from("{}");
    assert.equal(decodeRequest("/logs", "application/json", body).problems.length, 1);
    assert.equal(decodeRequest("/v1/logs", "text/plain", body).problems.length, 1);
  });
});

test("a request as it should be is taken", () => {
  const record = {
    timeUnixNano: "1795518899276000000",
    severityNumber: 9,
    body: { stringValue: "x" },
    attributes: [KEY_VALUE],
  };
  assert.deepEqual(problemsOf(record), []);
});
