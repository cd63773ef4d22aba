import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AgentProcess, type Answer, httpRequest, TOKEN } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const SECRETS = {
  app: { DATABASE_URL: "postgres://db", API_KEY: "app-key", "a/b": "slash", "é ü": "umlaut" },
  payments: { API_KEY: "pay-key" },
  TOP: "level",
};

let agent: AgentProcess;
let port: number;
const cleanups: (() => void | Promise<void>)[] = [];

before(async () => {
  const context = { after: (fn?: unknown) => void cleanups.push(fn as () => void) };
  const directory = await temporaryDirectory(context);
  await writeFile(join(directory, "artifact.json"), await pack({ secrets: SECRETS }));
  agent = AgentProcess.start(context, {
    CLEF_AGENT_SOURCE: join(directory, "artifact.json"),
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
  });
  await agent.ready();
  port = await agent.port();
});

after(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup();
});

const json = ({ body }: Answer): unknown => JSON.parse(body);

test("all secrets come as they were packed, and are not to be stored", async () => {
  const answer = await agent.get("/v1/secrets");
  assert.equal(answer.status, 200);
  assert.equal(answer.body, JSON.stringify(SECRETS));
  assert.equal(answer.headers["cache-control"], "no-store");
  assert.equal(answer.headers["x-content-type-options"], "nosniff");
  assert.match(String(answer.headers["content-type"]), /^application\/json/);
});

test("flat names are namespace__key, in packed order", async () => {
  const names = [
    "app__DATABASE_URL",
    "app__API_KEY",
    "app__a/b",
    "app__é ü",
    "payments__API_KEY",
    "TOP",
  ];
  assert.deepEqual(json(await agent.get("/v1/keys")), names);
  assert.deepEqual(Object.keys(json(await agent.get("/v1/secrets?format=flat")) as object), names);
});

for (const [path, value] of [
  ["/v1/secrets/app__API_KEY", "app-key"],
  ["/v1/secrets/DATABASE_URL", "postgres://db"],
  ["/v1/secrets/TOP", "level"],
  ["/v1/secrets/payments/API_KEY", "pay-key"],
  ["/v1/secrets/app/a%2Fb", "slash"],
  ["/v1/secrets/a%2Fb", "slash"],
  ["/v1/secrets/app/%C3%A9%20%C3%BC", "umlaut"],
] as const) {
  test(`${path} gives one value`, async () => {
    const answer = await agent.get(path);
    assert.equal(answer.status, 200);
    assert.equal(answer.body, JSON.stringify({ value }));
  });
}

for (const [path, status, error] of [
  ["/v1/secrets/NOPE", 404, "Secret 'NOPE' not found"],
  ["/v1/secrets/app/NOPE", 404, "Secret 'app/NOPE' not found"],
  ["/v1/secrets/nope/API_KEY", 404, "Secret 'nope/API_KEY' not found"],
  ["/v1/secrets/__proto__", 404, "Secret '__proto__' not found"],
  ["/v1/secrets/a/b/c", 404, "Not found"],
  ["/v1/secret", 404, "Not found"],
  ["/", 404, "Not found"],
  ["/v1/secrets/%E0%A4%A", 400, "Bad request: the path cannot be decoded"],
  ["/v1/secrets?format=xml", 400, "Bad request: unknown format; use ?format=flat or none"],
] as const) {
  test(`${path} is ${status}`, async () => {
    const answer = await agent.get(path);
    assert.equal(answer.status, status);
    assert.deepEqual(json(answer), { error });
  });
}

test("a bare key in several namespaces is 409 with the candidates", async () => {
  const answer = await agent.get("/v1/secrets/API_KEY");
  assert.equal(answer.status, 409);
  assert.deepEqual((json(answer) as { candidates: unknown }).candidates, [
    "app__API_KEY",
    "payments__API_KEY",
  ]);
});

test("without the right token it is 401, whatever is wrong with it", async () => {
  for (const authorization of [
    undefined,
    "",
    TOKEN,
    `Basic ${TOKEN}`,
    "Bearer",
    `Bearer ${TOKEN}x`,
    `Bearer ${"x".repeat(2000)}`,
  ]) {
    const headers = authorization === undefined ? {} : { authorization };
    const answer = await httpRequest(port, "/v1/secrets", headers);
    assert.equal(answer.status, 401, authorization ?? "no header");
    assert.deepEqual(json(answer), { error: "Unauthorized" });
    assert.equal(answer.headers["www-authenticate"], "Bearer");
  }
});

test("the scheme's case does not matter", async () => {
  const answer = await httpRequest(port, "/v1/keys", { authorization: `bEARER ${TOKEN}` });
  assert.equal(answer.status, 200);
});

test("health and readiness need no token", async () => {
  const health = await httpRequest(port, "/v1/health", {});
  assert.equal(health.status, 200);
  const { status, mode, expired, dataFrom } = json(health) as Record<string, unknown>;
  assert.deepEqual(
    { status, mode, expired, dataFrom },
    { status: "ok", mode: "cached", expired: false, dataFrom: "origin" },
  );
  assert.deepEqual(json(await httpRequest(port, "/v1/ready", {})), { ready: true });
});

test("a Host that is not this machine's loopback is 403", async () => {
  for (const host of [
    "evil.example",
    `evil.example:${port}`,
    "127.0.0.1:1",
    "0.0.0.0",
    "127.0.0.1.nip.io",
  ]) {
    const answer = await agent.get("/v1/secrets", { host });
    assert.equal(answer.status, 403, host);
    assert.deepEqual(json(answer), { error: "Forbidden: invalid Host header" });
  }
  for (const host of [
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "[::1]",
    `localhost:${port}`,
    `[::1]:${port}`,
  ]) {
    assert.equal((await agent.get("/v1/secrets", { host })).status, 200, host);
  }
});

test("a request that came through a proxy is 403", async () => {
  for (const name of ["Forwarded", "X-Forwarded-For", "x-forwarded-host"]) {
    assert.equal((await agent.get("/v1/health", { [name]: "x" })).status, 403, name);
  }
});

test("any method but GET and HEAD is 405 and says which are allowed", async () => {
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await httpRequest(port, "/v1/secrets", headers, method);
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers["allow"], "GET, HEAD");
  }
});

test("HEAD answers as GET does, without the body", async () => {
  for (const path of ["/v1/health", "/v1/secrets", "/v1/secrets/TOP", "/v1/keys"]) {
    const get = await agent.get(path);
    const head = await httpRequest(port, path, { authorization: `Bearer ${TOKEN}` }, "HEAD");
    assert.equal(head.status, 200);
    assert.equal(head.body, "");
    assert.equal(head.headers["content-length"], get.headers["content-length"]);
  }
});

test("If-None-Match with the ETag of an answer gives 304", async () => {
  for (const path of ["/v1/secrets", "/v1/secrets?format=flat"]) {
    const { headers } = await agent.get(path);
    const again = await agent.get(path, { "if-none-match": String(headers["etag"]) });
    assert.equal(again.status, 304);
    assert.equal(again.body, "");
    assert.equal((await agent.get(path, { "if-none-match": '"other"' })).status, 200);
  }
});

/** Sends bytes as they are and gives all that comes back until the connection closes. */
async function raw(text: string): Promise<string> {
  const client = connect(port, "127.0.0.1");
  let received = "";
  client.setEncoding("utf8").on("data", (chunk: string) => (received += chunk));
  client.on("error", () => undefined);
  client.write(text);
  await once(client, "close");
  return received;
}

test("what is no HTTP, has no Host or two of them, is refused in the form of every error", async () => {
  const token = `Authorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`;
  assert.match(await raw("nonsense\r\n\r\n"), /^HTTP\/1\.1 400 [\s\S]*\{"error":"Bad request"\}$/);
  assert.match(await raw(`GET /v1/secrets HTTP/1.1\r\n${token}`), /^HTTP\/1\.1 403 /);
  assert.match(
    await raw(`GET /v1/secrets HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n${token}`),
    /^HTTP\/1\.1 (400|403) /,
  );
  assert.match(
    await raw(
      `GET /v1/secrets HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n${token}`,
    ),
    /^HTTP\/1\.1 431 /,
  );
});

test("the port answers on the loopback interface only", async () => {
  const { networkInterfaces } = await import("node:os");
  const outside = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal);
  if (outside === undefined) return;
  const client = connect(port, outside.address);
  const [error] = (await once(client, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
});
