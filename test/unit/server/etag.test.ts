import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ask, handlerFor, feedOf } from "../../support/handler-client.ts";
import { snapshotOf } from "../../support/snapshots.ts";

const SECRETS = { app: { KEY: "value" } };
const handler = handlerFor(feedOf(snapshotOf(SECRETS).snapshot));
const etagOf = async (target: string, asked = handler): Promise<string> =>
  (await ask(asked, target)).headers.get("etag") ?? "";

describe("the ETag of /v1/secrets", () => {
  test("is a quoted string, and the same every time", async () => {
    const etag = await etagOf("/v1/secrets");
    assert.match(etag, /^"[!\x23-\x7e]+"$/);
    assert.equal(await etagOf("/v1/secrets"), etag);
  });

  test("differs between the two formats", async () => {
    assert.notEqual(await etagOf("/v1/secrets"), await etagOf("/v1/secrets?format=flat"));
  });

  test("changes with the revision", async () => {
    const next = handlerFor(feedOf(snapshotOf(SECRETS, "2-00000000").snapshot));
    assert.notEqual(await etagOf("/v1/secrets", next), await etagOf("/v1/secrets"));
  });

  test("is another one in another process, so that it tells nothing of the payload", async () => {
    const other = handlerFor(feedOf(snapshotOf(SECRETS).snapshot));
    assert.notEqual(await etagOf("/v1/secrets", other), await etagOf("/v1/secrets"));
  });
});

describe("If-None-Match", () => {
  for (const target of ["/v1/secrets", "/v1/secrets?format=flat"]) {
    test(`with the ETag of ${target} gives 304 without a body`, async () => {
      const etag = await etagOf(target);
      for (const value of [etag, `W/${etag}`, `"x", ${etag}`, `${etag},"y"`, "*"]) {
        const told = await ask(handler, target, { headers: { "if-none-match": value } });
        assert.equal(told.status, 304, value);
        assert.equal(told.response.body, undefined);
        assert.equal(told.headers.get("etag"), etag);
        assert.equal(told.headers.get("cache-control"), "no-store");
        assert.equal(told.headers.get("x-content-type-options"), "nosniff");
      }
    });

    test(`with anything else gives ${target} in full`, async () => {
      const etag = await etagOf(target);
      for (const value of ["", '"x"', etag.slice(1, -1), etag.toUpperCase(), `${etag}x`]) {
        const told = await ask(handler, target, { headers: { "if-none-match": value } });
        assert.equal(told.status, 200, value);
      }
    });
  }

  test("with the ETag of the other format does not match", async () => {
    const headers = { "if-none-match": await etagOf("/v1/secrets?format=flat") };
    assert.equal((await ask(handler, "/v1/secrets", { headers })).status, 200);
  });

  test("does not spare anyone the token", async () => {
    const headers = { "if-none-match": "*", authorization: undefined };
    assert.equal((await ask(handler, "/v1/secrets", { headers })).status, 401);
  });

  test("gives 503 when there is nothing to match", async () => {
    const headers = { "if-none-match": "*" };
    const none = handlerFor(feedOf("revoked"));
    assert.equal((await ask(none, "/v1/secrets", { headers })).status, 503);
  });
});
