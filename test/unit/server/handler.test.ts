import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import type { Unavailable } from "../../../src/feed/unavailable.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { newChanges } from "../../support/changes.ts";
import { ask, handlerFor, feedOf, idle } from "../../support/handler-client.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { createHandler } from "../../../src/server/handler.ts";
import { refusalsTo } from "../../../src/server/refusals.ts";
import { WaitingRequests } from "../../../src/server/waiting-requests.ts";
import { isZero, snapshotOf } from "../../support/snapshots.ts";

const NESTED = {
  app: { DB_URL: "postgres://alpha", "odd/key": "slash", KEY: "app-key" },
  pay: { KEY: "pay-key" },
  TOP: "top",
};
const { snapshot } = snapshotOf(NESTED);
const handler = handlerFor(feedOf(snapshot));

describe("GET /v1/secrets", () => {
  test("gives the payload byte for byte as it was packed", async () => {
    const text = '{ "b" : "1\\u0041" ,\n"a":{"x":"y"} }';
    const told = await ask(handlerFor(feedOf(snapshotOf(text).snapshot)), "/v1/secrets");
    assert.equal(told.text, text);
  });

  test("gives flat names on request", async () => {
    assert.deepEqual((await ask(handler, "/v1/secrets?format=flat")).json, {
      app__DB_URL: "postgres://alpha",
      "app__odd/key": "slash",
      app__KEY: "app-key",
      pay__KEY: "pay-key",
      TOP: "top",
    });
  });

  test("ignores other parameters", async () => {
    assert.deepEqual((await ask(handler, "/v1/secrets?x=1")).json, NESTED);
    assert.deepEqual((await ask(handler, "/v1/secrets?")).json, NESTED);
  });

  test("refuses a format that it does not know", async () => {
    for (const format of ["FLAT", "yaml", ""]) {
      const told = await ask(handler, `/v1/secrets?format=${format}`);
      assert.equal(told.status, 400);
      assert.match(told.text, /^\{"error":"Bad request/);
    }
  });
});

describe("GET /v1/keys", () => {
  test("lists flat names in packed order", async () => {
    const told = await ask(handler, "/v1/keys");
    assert.deepEqual(told.json, ["app__DB_URL", "app__odd/key", "app__KEY", "pay__KEY", "TOP"]);
  });
});

describe("one secret", () => {
  const FOUND = {
    "/v1/secrets/app__DB_URL": "postgres://alpha",
    "/v1/secrets/DB_URL": "postgres://alpha",
    "/v1/secrets/TOP": "top",
    "/v1/secrets/app/DB_URL": "postgres://alpha",
    "/v1/secrets/app/odd%2Fkey": "slash",
    "/v1/secrets/odd%2fkey": "slash",
    "/v1/secrets/pay__KEY?x=1": "pay-key",
    "/v1/secrets/%54OP": "top",
  };
  for (const [path, value] of Object.entries(FOUND)) {
    test(`is found at ${path}`, async () => {
      const told = await ask(handler, path);
      assert.equal(told.status, 200);
      assert.deepEqual(told.json, { value });
    });
  }

  const MISSING = {
    "/v1/secrets/NONE": "Secret 'NONE' not found",
    "/v1/secrets/app": "Secret 'app' not found",
    "/v1/secrets/toString": "Secret 'toString' not found",
    "/v1/secrets/__proto__": "Secret '__proto__' not found",
    "/v1/secrets/app/__proto__": "Secret 'app/__proto__' not found",
    "/v1/secrets/pay/DB_URL": "Secret 'pay/DB_URL' not found",
    "/v1/secrets/app/TOP": "Secret 'app/TOP' not found",
    "/v1/secrets/%22%3Cb%3E": "Secret '\"<b>' not found",
  };
  for (const [path, error] of Object.entries(MISSING)) {
    test(`is not found at ${path}`, async () => {
      const told = await ask(handler, path);
      assert.equal(told.status, 404);
      assert.deepEqual(told.json, { error });
    });
  }

  test("that several namespaces have is a conflict, which lists the candidates", async () => {
    const told = await ask(handler, "/v1/secrets/KEY");
    assert.equal(told.status, 409);
    const { error, candidates } = told.json as { error: string; candidates: unknown };
    assert.deepEqual(candidates, ["app__KEY", "pay__KEY"]);
    assert.match(error, /app__KEY, pay__KEY/);
    assert.doesNotMatch(told.text, /app-key|pay-key/);
  });

  test("at the top goes before the same key in a namespace", async () => {
    const both = handlerFor(feedOf(snapshotOf({ app: { K: "inner" }, K: "outer" }).snapshot));
    assert.deepEqual((await ask(both, "/v1/secrets/K")).json, { value: "outer" });
    assert.deepEqual((await ask(both, "/v1/secrets/app/K")).json, { value: "inner" });
  });

  test("keeps its escapes", async () => {
    const odd = { K: 'a"b\\c\n\u0000é鍵🔑' };
    const told = await ask(handlerFor(feedOf(snapshotOf(odd).snapshot)), "/v1/secrets/K");
    assert.deepEqual(told.json, { value: odd.K });
  });

  test("is wiped once its answer was sent", async () => {
    const { response } = await ask(handler, "/v1/secrets/TOP");
    response.lease?.release({ cutOff: () => undefined });
    assert.ok(response.body?.every((byte) => byte === 0));
    assert.deepEqual((await ask(handler, "/v1/secrets/TOP")).json, { value: "top" });
  });
});

describe("a path", () => {
  for (const path of [
    "/v1/secrets/%",
    "/v1/secrets/%zz",
    "/v1/secrets/%ff",
    "/v1/secrets/a/%c3%28",
  ]) {
    test(`${path} cannot be decoded`, async () => {
      const told = await ask(handler, path);
      assert.equal(told.status, 400);
      assert.match(told.text, /cannot be decoded/);
    });
  }
  for (const path of [
    "",
    "/",
    "*",
    "/v1",
    "/v1/",
    "/v2/secrets",
    "/v1/secret",
    "/v1/secrets/a/b/c",
    "//v1/secrets",
    "/V1/secrets",
    "/v1/keys/x",
    "http://127.0.0.1/v1/secrets",
    "/v1/../v1/secrets",
  ]) {
    test(`${JSON.stringify(path)} is not there`, async () => {
      const told = await ask(handler, path);
      assert.equal(told.status, 404);
      assert.deepEqual(told.json, { error: "Not found" });
    });
  }
});

describe("every answer that was made from secrets lets go of them", () => {
  const asks = [
    ["GET", "/v1/secrets", 200, {}],
    ["HEAD", "/v1/secrets", 200, {}],
    ["GET", "/v1/secrets?format=flat", 200, {}],
    ["GET", "/v1/secrets", 304, { "if-none-match": "*" }],
    ["GET", "/v1/keys", 200, {}],
    ["GET", "/v1/secrets/TOP", 200, {}],
    ["GET", "/v1/secrets/KEY", 409, {}],
    ["GET", "/v1/secrets/none", 404, {}],
    ["GET", "/v1/secrets/app/KEY", 200, {}],
    ["GET", "/v1/secrets/app/none", 404, {}],
  ] as const;
  for (const [method, target, status, headers] of asks) {
    test(`${method} ${target} with ${status}`, async () => {
      const own = snapshotOf(NESTED);
      let wiped = false;
      own.snapshot.limitToOneUse(new FakeClock(), 1_000, () => (wiped = true));
      const asked = handlerFor(feedOf(Promise.resolve(own.snapshot)));
      const told = await ask(asked, target, { method, headers });
      assert.equal(told.status, status);
      const { lease, body } = told.response;
      const reader = { cutOff: () => undefined };
      lease?.hold(reader);
      assert.equal(wiped, false);
      lease?.release(reader);
      assert.ok(wiped);
      const secret = status === 200 && !target.endsWith("/keys");
      if (secret) assert.ok(body !== undefined && isZero(body));
    });
  }
});

describe("without secrets to serve", () => {
  const ERRORS: Readonly<Record<Unavailable, string>> = {
    not_loaded: "Secrets not yet loaded",
    cache_expired: "Secrets expired",
    artifact_expired: "Secrets expired",
    revoked: "Artifact revoked",
    refresh_failed: "Refresh failed",
    decryption_failed: "Decryption failed",
    busy: "Too many requests at once",
  };
  for (const [state, error] of Object.entries(ERRORS)) {
    test(`${state} is answered by 503 everywhere, now or after waiting`, async () => {
      for (const read of [state as Unavailable, Promise.resolve(state as Unavailable)]) {
        const none = handlerFor(feedOf(read));
        for (const path of ["/v1/secrets", "/v1/keys", "/v1/secrets/KEY", "/v1/secrets/a/b"]) {
          const told = await ask(none, path);
          assert.equal(told.status, 503);
          assert.deepEqual(told.json, { error });
        }
      }
    });
  }

  test("a request without the token does not even look", async () => {
    const feed = feedOf("not_loaded");
    const untouched = handlerFor({ ...feed, open: () => assert.fail("it looked") });
    const told = await ask(untouched, "/v1/secrets", { headers: { authorization: undefined } });
    assert.equal(told.status, 401);
  });
});

test("a slash at the end of a path changes nothing", async () => {
  for (const path of ["secrets", "secrets/TOP", "secrets/app/KEY", "keys", "ready", "none"]) {
    const [plain, slash] = [await ask(handler, `/v1/${path}`), await ask(handler, `/v1/${path}/`)];
    assert.deepEqual([slash.status, slash.json], [plain.status, plain.json], path);
  }
  assert.equal((await ask(handler, "/v1/secrets/?format=flat")).status, 200);
});

test("every answer forbids storing and sniffing, and says its length", async () => {
  const paths = [
    "/v1/health",
    "/v1/ready",
    "/v1/secrets",
    "/v1/keys",
    "/v1/secrets/TOP",
    "/x",
    "/v1/secrets/%",
    "/v1/secrets/KEY",
  ];
  for (const path of paths) {
    for (const headers of [{}, { host: "evil" }, { authorization: "x" }]) {
      const told = await ask(handler, path, { headers });
      assert.equal(told.headers.get("cache-control"), "no-store");
      assert.equal(told.headers.get("x-content-type-options"), "nosniff");
      assert.equal(told.headers.get("content-type"), "application/json; charset=utf-8");
      assert.equal(told.headers.get("content-length"), String(told.response.body?.length));
    }
  }
});

describe("a request that waits", () => {
  for (const { change, error } of [
    { change: { kind: "ended", reason: "revoked", revokedAt: "" }, error: "Artifact revoked" },
    {
      change: { kind: "ended", reason: "artifact_expired", expiresAt: "" },
      error: "Secrets expired",
    },
    {
      change: { kind: "ended", reason: "cache_expired", ttlMs: 1, diskCachePurged: false },
      error: "Secrets expired",
    },
  ] as const) {
    test(`hears at once that what it has is over (${change.reason}), and nothing is asked of the source for it`, async () => {
      const changes = newChanges();
      const waiting = new WaitingRequests({
        feed: changes,
        clock: new FakeClock(),
        signal: new AbortController().signal,
      });
      const feed = feedOf(snapshotOf(NESTED).snapshot);
      const own = createHandler({
        ...idle(),
        waiting,
        feed,
        access: { kind: "permissions" },
        refusals: refusalsTo(recordingLog().log),
      });
      const etag = (await ask(own, "/v1/secrets")).headers.get("etag");
      const headers = { "if-none-match": etag, prefer: "wait=60" };
      const held = ask(own, "/v1/secrets", { headers });
      mock.method(feed, "open", () => assert.fail("it would look at the source"));
      changes.publish(change);
      const told = await held;
      assert.deepEqual([told.status, told.json], [503, { error }]);
      assert.equal(told.headers.get("preference-applied"), "wait=60");
    });
  }
});
