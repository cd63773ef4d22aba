import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseLambdaEvent } from "../../../src/lifecycle/lambda-event.ts";
import { coded } from "../../support/errors.ts";

describe("an event of Lambda's", () => {
  test("is an invocation with its deadline", () => {
    const body = { eventType: "INVOKE", deadlineMs: 676_051, requestId: "3da1f2dc", more: {} };
    assert.deepEqual(parseLambdaEvent(JSON.stringify(body)), {
      kind: "invoke",
      deadlineMs: 676_051,
    });
  });

  test("is a shutdown with its reason", () => {
    const body = { eventType: "SHUTDOWN", shutdownReason: "TIMEOUT", deadlineMs: 2_000 };
    assert.deepEqual(parseLambdaEvent(JSON.stringify(body)), {
      kind: "shutdown",
      shutdownReason: "TIMEOUT",
    });
  });

  test("is a shutdown even without a reason", () => {
    assert.equal(parseLambdaEvent('{"eventType":"SHUTDOWN"}').kind, "shutdown");
  });

  for (const body of [
    "",
    "null",
    "[]",
    "INVOKE",
    '{"eventType":"PAUSE"}',
    '{"eventType":"INVOKE"}',
    '{"eventType":"INVOKE","deadlineMs":"soon"}',
  ]) {
    test(`is not ${body === "" ? "an empty body" : body}`, () => {
      assert.throws(() => parseLambdaEvent(body), coded("lambda_api_failed"));
    });
  }
});
