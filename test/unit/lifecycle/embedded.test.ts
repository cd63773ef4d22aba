import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { AgentError, AgentErrors } from "../../../src/errors.ts";
import {
  type Agent,
  type AgentConfig,
  createAgent,
  type CreateAgentOptions,
} from "../../../src/lifecycle/embedded.ts";
import { LOG_BURST } from "../../../src/limits.ts";
import { httpRequest } from "../../support/agent-process.ts";
import { AGE_IDENTITY, pack, revocation } from "../../support/artifacts.ts";
import { eventually, temporaryDirectory } from "../../support/temporary.ts";

const SECRETS = { TOP: 'a "quoted"\nvalue', app: { DB_URL: "postgres://db/ä" }, none: {} };

async function artifactFile(t: TestContext, artifact: string): Promise<string> {
  const file = join(await temporaryDirectory(t), "artifact.json");
  await writeFile(file, artifact);
  return file;
}

async function started(
  t: TestContext,
  config: AgentConfig = {},
  options: CreateAgentOptions = {},
): Promise<{ readonly agent: Agent; readonly lines: string[] }> {
  const lines: string[] = [];
  const source = await artifactFile(t, await pack({ secrets: SECRETS }));
  const base = {
    CLEF_AGENT_SOURCE: source,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_PORT: "0",
  };
  const agent = await createAgent(
    { ...base, ...config },
    { log: (line) => void lines.push(line), ...options },
  );
  t.after(() => agent.stop());
  return { agent, lines };
}

test("an embedded agent has its secrets when it is there, by the names of /v1/keys", async (t) => {
  const { agent } = await started(t);
  const read = await agent.read();
  assert.ok(read.available);
  assert.match(read.revision, /^\d+-[0-9a-f]{8}$/);
  assert.deepEqual(
    [...read.secrets],
    [
      ["TOP", SECRETS.TOP],
      ["app__DB_URL", SECRETS.app.DB_URL],
    ],
  );
});

test("it makes a token of its own, which its URL takes", async (t) => {
  const { agent, lines } = await started(t);
  assert.equal(agent.url, `http://127.0.0.1:${agent.port}`);
  const ask = async (token: string): Promise<number> =>
    (await httpRequest(Number(agent.port), "/v1/secrets", { authorization: `Bearer ${token}` }))
      .status;
  assert.equal(await ask(agent.token ?? ""), 200);
  assert.equal(await ask("another-token-of-some-length"), 401);
  assert.ok(!lines.join("").includes(agent.token ?? ""));
  assert.doesNotMatch(lines.join(""), /no token is configured/);
});

test("a configured token stays, and one in a file is the file's", async (t) => {
  const { agent } = await started(t, { CLEF_AGENT_TOKEN: "chosen-token-0123456789" });
  assert.equal(agent.token, "chosen-token-0123456789");
  const file = join(await temporaryDirectory(t), "token");
  const other = await started(t, { CLEF_AGENT_TOKEN_FILE: file });
  assert.equal(other.agent.token, undefined);
});

test("a changed artifact is read without a new start", async (t) => {
  const file = await artifactFile(t, await pack({ secrets: { K: "one" } }));
  const { agent } = await started(t, { CLEF_AGENT_SOURCE: file });
  await writeFile(file, await pack({ secrets: { K: "two" } }));
  agent.refresh();
  await eventually("the new value", async () => {
    const read = await agent.read();
    return read.available && read.secrets.get("K") === "two";
  });
});

test("just-in-time mode reads the same", async (t) => {
  const { agent } = await started(t, { CLEF_AGENT_CACHE_TTL: "0" });
  const read = await agent.read();
  assert.ok(read.available);
  assert.equal(read.secrets.get("TOP"), SECRETS.TOP);
});

test("a revoked artifact is a reason, not an error", async (t) => {
  const file = await artifactFile(t, revocation());
  const { agent } = await started(t, { CLEF_AGENT_SOURCE: file });
  assert.deepEqual(await agent.read(), { available: false, reason: "revoked" });
});

test("after stop nothing listens, nothing is read, and a second stop is well", async (t) => {
  const { agent } = await started(t);
  await agent.stop();
  await agent.stop();
  assert.equal((await agent.read()).available, false);
  await assert.rejects(httpRequest(Number(agent.port), "/v1/health", {}), { code: "ECONNREFUSED" });
});

test("it leaves the process alone: no signal is taken, no variable is read", async (t) => {
  const signals = ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "uncaughtException", "exit"];
  const listeners = (): readonly number[] => signals.map((name) => process.listenerCount(name));
  const before = listeners();
  process.env["CLEF_AGENT_PORT"] = "not a port";
  t.after(() => delete process.env["CLEF_AGENT_PORT"]);
  await started(t);
  assert.deepEqual(listeners(), before);
});

test("all that is wrong with the configuration is thrown at once, without a value", async () => {
  const config = { CLEF_AGENT_PORT: "eighty", CLEF_AGENT_CACHE_TTL: "soon" };
  await assert.rejects(createAgent(config), (error) => {
    assert.ok(error instanceof AgentErrors);
    assert.deepEqual(
      error.errors.map(({ code }) => code),
      ["config_missing", "config_invalid", "config_invalid"],
    );
    assert.doesNotMatch(error.message, /eighty|soon/);
    return true;
  });
});

test("without an artifact it gives up after the start-up time, and leaves its port", async (t) => {
  const port = await closedPort(t);
  const source = join(await temporaryDirectory(t), "nothing.json");
  const config = { CLEF_AGENT_SOURCE: source, CLEF_AGENT_STARTUP_TIMEOUT: "1" };
  await assert.rejects(
    started(t, { ...config, CLEF_AGENT_PORT: String(port) }),
    (error) => error instanceof AgentError && error.code === "startup_timeout",
  );
  await assert.rejects(httpRequest(port, "/v1/health", {}), { code: "ECONNREFUSED" });
});

test("an aborted start throws the reason, and leaves its port", async (t) => {
  const port = await closedPort(t);
  const source = join(await temporaryDirectory(t), "nothing.json");
  const config = { CLEF_AGENT_SOURCE: source, CLEF_AGENT_PORT: String(port) };
  const aborting = new AbortController();
  const start = started(t, config, { signal: aborting.signal });
  await eventually("the port", () => httpRequest(port, "/v1/health", {}).catch(() => undefined));
  aborting.abort(new Error("no longer wanted"));
  await assert.rejects(start, /no longer wanted/);
  await assert.rejects(httpRequest(port, "/v1/health", {}), { code: "ECONNREFUSED" });
  await assert.rejects(started(t, {}, { signal: aborting.signal }), /no longer wanted/);
});

test("where one of two ports is in use, the other is left", async (t) => {
  const taken = createServer();
  const busy = await listening(t, taken);
  const port = await closedPort(t);
  const config = {
    CLEF_AGENT_PORT: String(port),
    CLEF_AGENT_PROBE_LISTEN: `127.0.0.1:${busy}`,
  };
  await assert.rejects(
    started(t, config),
    (error) => error instanceof AgentError && error.code === "listen_failed",
  );
  await assert.rejects(httpRequest(port, "/v1/health", {}), { code: "ECONNREFUSED" });
});

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return address.port;
}

/** A port on which nobody listens. */
async function closedPort(t: TestContext): Promise<number> {
  const server = createServer();
  const port = await listening(t, server);
  server.close();
  await once(server, "close");
  return port;
}

test("no client can flood the log of the program that it is embedded in", async (t) => {
  const { agent, lines } = await started(t);
  for (let request = 0; request < 100; request++) {
    const { status } = await fetch(`${agent.url}/v1/keys`);
    assert.equal(status, 401);
  }
  const refused = (): readonly string[] => lines.filter((line) => line.includes("right token"));
  assert.equal(refused().length, LOG_BURST);
  await agent.stop();
  assert.match(refused().at(-1) ?? "", new RegExp(`${100 - LOG_BURST} more lines like this`));
});
