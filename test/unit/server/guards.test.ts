import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createProbeHandler } from "../../../src/server/handler.ts";
import { readRequest } from "../../../src/server/request.ts";
import { ask, handlerFor, feedOf } from "../../support/handler-client.ts";
import { snapshotOf } from "../../support/snapshots.ts";

const reader = feedOf(snapshotOf({ KEY: "value" }).snapshot);
const handler = handlerFor(reader);

describe("the Host header", () => {
  for (const host of [
    "127.0.0.1",
    "127.0.0.1:7779",
    "localhost",
    "LOCALHOST:7779",
    "[::1]",
    "[::1]:7779",
  ]) {
    test(`may be ${host}`, async () => {
      assert.equal((await ask(handler, "/v1/secrets", { headers: { host } })).status, 200);
    });
  }
  for (const host of [
    undefined,
    "",
    "127.0.0.1:7780",
    "127.0.0.1:",
    "127.0.0.1:07779",
    "127.0.0.2",
    "127.1",
    "0.0.0.0:7779",
    "::1",
    "[::ffff:127.0.0.1]",
    "evil.example",
    "localhost.evil.example",
    "localhost.",
    "localhost:7779@evil.example",
    " localhost",
    "localhost, evil.example",
    "http://localhost",
  ]) {
    test(`is not ${JSON.stringify(host)}`, async () => {
      const told = await ask(handler, "/v1/health", { headers: { host } });
      assert.equal(told.status, 403);
      assert.deepEqual(told.json, { error: "Forbidden: invalid Host header" });
    });
  }
});

describe("a request that came through a proxy", () => {
  for (const name of ["Forwarded", "X-Forwarded-For", "x-forwarded-host"]) {
    test(`with ${name} is refused, even for health`, async () => {
      for (const value of ["for=1.2.3.4", ""]) {
        const told = await ask(handler, "/v1/health", { headers: { [name]: value } });
        assert.equal(told.status, 403);
        assert.match(told.text, /"error":"Forbidden/);
      }
    });
  }
});

describe("a method", () => {
  for (const method of [
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "get",
    "PROPFIND",
    "",
  ]) {
    test(`${JSON.stringify(method)} is refused, saying which are allowed`, async () => {
      const told = await ask(handler, "/v1/secrets", { method });
      assert.equal(told.status, 405);
      assert.equal(told.headers.get("allow"), "GET, HEAD");
      assert.deepEqual(told.json, { error: "Method not allowed" });
    });
  }

  test("HEAD is answered as GET is", async () => {
    for (const path of [
      "/v1/health",
      "/v1/ready",
      "/v1/secrets",
      "/v1/keys",
      "/v1/secrets/KEY",
      "/x",
    ]) {
      const [head, get] = [await ask(handler, path, { method: "HEAD" }), await ask(handler, path)];
      assert.equal(head.status, get.status);
      assert.deepEqual(head.headers, get.headers);
    }
  });
});

describe("the order of the guards", () => {
  const bad = { host: "evil.example", forwarded: "for=x", authorization: undefined };
  test("is Host, proxy, method, route, token", async () => {
    const say = async (headers: object, method: string, path: string): Promise<string> => {
      const told = await ask(handler, path, { method, headers: { ...headers } });
      return `${told.status} ${told.text}`;
    };
    assert.match(await say(bad, "POST", "/x"), /^403 .*Host/);
    assert.match(await say({ ...bad, host: "localhost" }, "POST", "/x"), /^403 .*proxied/);
    assert.match(await say({ authorization: undefined }, "POST", "/x"), /^405/);
    assert.match(await say({ authorization: undefined }, "GET", "/x"), /^404/);
    assert.match(await say({ authorization: undefined }, "GET", "/v1/secrets"), /^401/);
  });
});

describe("the token", () => {
  for (const path of [
    "/v1/secrets",
    "/v1/secrets?format=flat",
    "/v1/secrets/KEY",
    "/v1/secrets/a/b",
    "/v1/keys",
  ]) {
    test(`is asked for by ${path}`, async () => {
      for (const authorization of [undefined, "", "Bearer", "Bearer wrong", "Basic dGVzdA=="]) {
        const told = await ask(handler, path, { headers: { authorization } });
        assert.equal(told.status, 401);
        assert.deepEqual(told.json, { error: "Unauthorized" });
        assert.equal(told.headers.get("www-authenticate"), "Bearer");
      }
    });
  }

  test("is checked before anything is opened, decrypted or queued for", async () => {
    let opened = 0;
    const open = (): "busy" => {
      opened++;
      return "busy";
    };
    const feed = { ...reader, open };
    const counting = handlerFor(feed);
    for (const path of ["/v1/secrets", "/v1/secrets/KEY", "/v1/keys", "/v1/health", "/v1/ready"]) {
      await ask(counting, path, { headers: { authorization: "Bearer wrong" } });
    }
    assert.equal(opened, 0);
    await ask(counting, "/v1/secrets");
    assert.equal(opened, 1);
  });

  test("is not asked for by health and readiness", async () => {
    for (const path of ["/v1/health", "/v1/ready"]) {
      const told = await ask(handler, path, { headers: { authorization: undefined } });
      assert.equal(told.status, 200);
    }
  });

  test("is not read from the query", async () => {
    const told = await ask(handler, "/v1/secrets?token=test-token-0123456789abcdef", {
      headers: { authorization: undefined },
    });
    assert.equal(told.status, 401);
  });
});

describe("the probe listener", () => {
  const probes = createProbeHandler({ feed: reader });

  test("answers health and readiness under any Host, since kubelets send the pod's", async () => {
    for (const path of ["/v1/health", "/v1/ready", "/v1/health?x=1"]) {
      assert.equal((await ask(probes, path, { headers: { host: "10.1.2.3:7780" } })).status, 200);
    }
  });

  test("answers nothing else, with the right token either", async () => {
    for (const path of ["/v1/secrets", "/v1/keys", "/v1/secrets/KEY", "/v1/secrets/%", "/", ""]) {
      assert.equal((await ask(probes, path)).status, 404);
    }
  });

  test("answers metrics where they are, and the API never does", async () => {
    const withMetrics = createProbeHandler({ feed: reader, scrape: () => "# metrics\n" });
    const told = await withMetrics(readRequest("GET", "/metrics", []));
    assert.equal(told.status, 200);
    assert.equal(told.body?.toString(), "# metrics\n");
    assert.ok(told.headers.includes("text/plain; version=0.0.4; charset=utf-8"));
    assert.equal((await ask(probes, "/metrics")).status, 404);
    assert.equal((await ask(handler, "/metrics")).status, 404);
  });

  test("reads only", async () => {
    assert.equal((await ask(probes, "/v1/health", { method: "POST" })).status, 405);
  });
});
