import { test } from "node:test";
import { CLOUDS, holdsBehindProxies, SERVICES } from "../support/behind-proxy.ts";

// One of each kind; test/long/proxies.test.ts has every service by both schemes.
test("an https source behind a proxy is reached; the proxy is named when it is in the way", async (t) => {
  await holdsBehindProxies(t, "https", await SERVICES["the source"](t, "https"));
});

test("so is a collector of http", async (t) => {
  await holdsBehindProxies(t, "http", await SERVICES.telemetry(t, "http"));
});

test("so are what gives tokens and the KMS that takes them", async (t) => {
  await holdsBehindProxies(t, "https", await CLOUDS.Google(t));
});
