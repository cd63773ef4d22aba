import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ask, handlerFor, feedOf } from "../../support/handler-client.ts";
import { recordingLog } from "../../support/recording-log.ts";

describe("a request that cannot be answered", () => {
  test("has an id that the log has too, with the route and the reason but no name", async () => {
    const recorded = recordingLog();
    const handler = handlerFor(feedOf("cache_expired"), recorded.log);
    const response = await ask(handler, "/v1/secrets/DB_URL");
    assert.equal(response.status, 503);
    const { time: _, ...line } = recorded.lines[0] ?? {};
    assert.deepEqual(line, {
      level: "warn",
      message: "a request could not be answered",
      requestId: response.headers.get("x-request-id"),
      route: "/v1/secrets/:key",
      status: 503,
      reason: "cache_expired",
    });
    assert.match(String(line["requestId"]), /^[0-9a-f-]{36}$/);
    assert.equal(response.text, '{"error":"Secrets expired"}');
  });

  test("has another id each time, late answers too", async () => {
    const handler = handlerFor(feedOf(Promise.resolve("refresh_failed")));
    const ids = [await ask(handler, "/v1/keys"), await ask(handler, "/v1/keys")].map((response) =>
      response.headers.get("x-request-id"),
    );
    assert.equal(new Set(ids).size, 2);
  });
});

test("a client who did not wait for its answer is not told of", async () => {
  const recorded = recordingLog();
  const handler = handlerFor(feedOf(Promise.resolve("busy")), recorded.log);
  const { status } = await ask(handler, "/v1/secrets", { isCancelled: () => true });
  assert.equal(status, 503);
  assert.deepEqual(recorded.lines, []);
});

describe("a request without the right token", () => {
  test("is told to the log without the token", async () => {
    const recorded = recordingLog();
    const handler = handlerFor(feedOf("not_loaded"), recorded.log);
    const headers = { authorization: "Bearer wrong-token" };
    const response = await ask(handler, "/v1/keys", { headers });
    assert.equal(response.status, 401);
    assert.equal(response.headers.get("x-request-id"), undefined);
    const { time: _, ...line } = recorded.lines[0] ?? {};
    assert.deepEqual(line, {
      level: "warn",
      message: "a request without the right token was refused",
      route: "/v1/keys",
      status: 401,
    });
  });
});

test("readiness that is asked for again and again leaves no line", async () => {
  const recorded = recordingLog();
  const reader = feedOf("not_loaded", { freshness: "not_loaded" });
  const response = await ask(handlerFor(reader, recorded.log), "/v1/ready");
  assert.equal(response.status, 503);
  assert.deepEqual(recorded.lines, []);
});
