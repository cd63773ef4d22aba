import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { AgentProcess, httpRequest, TOKEN } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { replaceFile } from "../support/replace-file.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

interface Started {
  readonly agent: AgentProcess;
  readonly file: string;
  readonly directory: string;
}

async function startOnFile(
  t: TestContext,
  artifact: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Started> {
  const directory = await temporaryDirectory(t);
  const file = join(directory, "artifact.json");
  await writeFile(file, artifact);
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: file,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    ...env,
  });
  await agent.ready();
  return { agent, file, directory };
}

/** So that an answer stays under way for as long as its client does not read. */
const MORE_THAN_SOCKETS_HOLD = "x".repeat(11_500_000);
let large: Promise<string> | undefined;

/** Packed once: proving what was encrypted takes a second or two. */
function largeArtifact(): Promise<string> {
  large ??= pack({ secrets: { BIG: MORE_THAN_SOCKETS_HOLD } });
  return large;
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} ends the agent with exit code 0`, async (t) => {
    const { agent } = await startOnFile(t, await pack());
    agent.child.kill(signal);
    assert.deepEqual(await agent.ended(), { code: 0, signal: null });
    assert.equal(agent.log.at(-1)?.["event"], "agent.stopped");
  });
}

test("SIGUSR1 does not open Node's inspector", async (t) => {
  const { agent } = await startOnFile(t, await pack());
  agent.child.kill("SIGUSR1");
  assert.equal((await agent.get("/v1/health")).status, 200);
  await agent.stop();
  assert.doesNotMatch(agent.stderr, /Debugger listening/);
});

test("SIGHUP looks at the source at once", async (t) => {
  let artifact = await pack({ secrets: { K: "one" } });
  const origin = await listening(
    t,
    createServer((_request, response) => response.end(artifact)),
  );
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: `http://127.0.0.1:${origin}/artifact.json`,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
  });
  await agent.ready();
  artifact = await pack({ secrets: { K: "two" } });
  agent.child.kill("SIGHUP");
  await eventually("the new secret", async () =>
    (await agent.get("/v1/secrets/K")).body.includes("two"),
  );
});

test("an answer that was being sent at SIGTERM arrives whole, and no connection is taken after it", async (t) => {
  const big = MORE_THAN_SOCKETS_HOLD;
  const { agent } = await startOnFile(t, await largeArtifact());
  const port = await agent.port();
  const client = connect(port, "127.0.0.1");
  t.after(() => client.destroy());
  client.write(
    `GET /v1/secrets HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
  );
  const [first] = (await once(client, "data")) as [Buffer];
  client.pause();
  agent.child.kill("SIGTERM");
  await eventually("refusal of new connections", () =>
    httpRequest(port, "/v1/health", {}).then(
      () => false,
      () => true,
    ),
  );
  const chunks = [first];
  client.on("data", (chunk: Buffer) => chunks.push(chunk)).resume();
  await once(client, "close");
  const [head = "", body = ""] = Buffer.concat(chunks).toString().split("\r\n\r\n");
  assert.match(head, /^HTTP\/1\.1 200/);
  assert.deepEqual(JSON.parse(body), { BIG: big });
  assert.deepEqual(await agent.ended(), { code: 0, signal: null });
});

test("a second signal ends the agent at once", async (t) => {
  const { agent } = await startOnFile(t, await largeArtifact());
  const client = connect(await agent.port(), "127.0.0.1");
  t.after(() => client.destroy());
  client.on("error", () => undefined);
  client.write(
    `GET /v1/secrets HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
  );
  await once(client, "readable");
  agent.child.kill("SIGTERM");
  await eventually("refusal of new connections", async () =>
    httpRequest(await agent.port(), "/v1/health", {}).then(
      () => false,
      () => true,
    ),
  );
  assert.equal(agent.exit, undefined);
  agent.child.kill("SIGTERM");
  assert.deepEqual(await agent.ended(), { code: 1, signal: null });
});

test("a changed file is served within 200 ms of its rename", async (t) => {
  const { agent, file, directory } = await startOnFile(t, await pack({ secrets: { K: "0" } }));
  const delays: number[] = [];
  for (let round = 1; round <= 5; round++) {
    await writeFile(join(directory, "next"), await pack({ secrets: { K: String(round) } }));
    const renamedAt = performance.now();
    await rename(join(directory, "next"), file);
    await eventually("the new secret", async () =>
      (await agent.get("/v1/secrets/K")).body.includes(`"${round}"`),
    );
    delays.push(performance.now() - renamedAt);
  }
  // What the agent waits for comes in each round, the pauses of a busy machine in some.
  t.diagnostic(`served after ${delays.map((ms) => ms.toFixed(0)).join(", ")} ms`);
  assert.ok(Math.min(...delays) < 200, delays.join(", "));
});

test("a changed HTTP source is served at the next poll, and an unchanged one costs a 304 without a body", async (t) => {
  let artifact = await pack({ secrets: { K: "one" } });
  let version = 1;
  const answers: number[] = [];
  const origin = await listening(
    t,
    createServer((request, response) => {
      const etag = `"v${version}"`;
      const unchanged = request.headers["if-none-match"] === etag;
      answers.push(unchanged ? 304 : 200);
      response.writeHead(unchanged ? 304 : 200, { etag }).end(unchanged ? undefined : artifact);
    }),
  );
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: `http://127.0.0.1:${origin}/artifact.json`,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    // The poll interval is a tenth, but at least 5 s.
    CLEF_AGENT_CACHE_TTL: "30",
  });
  await agent.ready();
  await eventually("a poll of what is unchanged", () => answers.includes(304), 15_000);
  artifact = await pack({ secrets: { K: "two" } });
  version++;
  const before = answers.length;
  await eventually(
    "the new secret",
    async () => (await agent.get("/v1/secrets/K")).body.includes("two"),
    15_000,
  );
  assert.deepEqual(answers.slice(before), [200]);
});

test("a token file that does not exist is written for its owner alone, and a changed one is followed", async (t) => {
  const directory = await temporaryDirectory(t);
  const tokenFile = join(directory, "token");
  const { agent } = await startOnFile(t, await pack(), {
    CLEF_AGENT_TOKEN: undefined,
    CLEF_AGENT_TOKEN_FILE: tokenFile,
  }).catch(async () => assert.fail("the agent did not start"));
  assert.equal((await stat(tokenFile)).mode & 0o777, 0o600);
  const port = await agent.port();
  const ask = async (token: string): Promise<number> =>
    (await httpRequest(port, "/v1/secrets", { authorization: `Bearer ${token}` })).status;
  const first = (await readFile(tokenFile, "utf8")).trim();
  assert.equal(await ask(first), 200);
  await replaceFile(tokenFile, "a-new-token-for-everyone\n");
  await eventually("the new token", async () => (await ask("a-new-token-for-everyone")) === 200);
  assert.equal(await ask(first), 401);
});

test("no log line at debug level holds a secret, a token, a key or a credential", async (t) => {
  const password = "pa55w0rd-in-the-url";
  const secret = "s3cret-value-of-the-app";
  let artifact = await pack({ secrets: { K: secret } });
  const origin = await listening(
    t,
    createServer((_request, response) => response.end(artifact)),
  );
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: `http://user:${password}@127.0.0.1:${origin}/artifact.json?sig=${password}`,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_LOG_LEVEL: "debug",
  });
  await agent.ready();
  await agent.get("/v1/secrets");
  await agent.get("/v1/secrets/K", { authorization: `Bearer wrong-${TOKEN}` });
  await agent.get("/v1/secrets/%ff");
  artifact = `{"secret":"${secret}"}`;
  agent.child.kill("SIGHUP");
  await agent.logged("the refusal", ({ event }) => event === "artifact.invalid");
  await agent.stop();
  const output = agent.stderr + agent.stdout;
  for (const hidden of [secret, password, TOKEN, AGE_IDENTITY, AGE_IDENTITY.slice(16)]) {
    assert.ok(!output.includes(hidden), `${hidden} is in:\n${output}`);
  }
});

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}
