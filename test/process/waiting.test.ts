import assert from "node:assert/strict";
import { join } from "node:path";
import { connect } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { revocationMarker } from "../../src/artifact/pack.ts";
import { MAX_WAITING_REQUESTS } from "../../src/limits.ts";
import { AgentProcess, type Answer, httpRequest, TOKEN } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { replaceFile } from "../support/replace-file.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

/** The path is put into the trial's own directory. */
const BY_SOCKET = { CLEF_AGENT_PORT: "none", CLEF_AGENT_SOCKET: "agent.sock" };

interface Trial {
  readonly agent: AgentProcess;
  /** Puts these secrets in the place of what the source holds, as one step. */
  readonly rotate: (secrets: unknown) => Promise<void>;
  readonly put: (text: string) => Promise<void>;
}

async function started(
  t: TestContext,
  ttl: string,
  secrets: unknown,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Trial> {
  const directory = await temporaryDirectory(t);
  const source = join(directory, "artifact.json");
  const put = async (text: string): Promise<void> => {
    await replaceFile(source, text);
  };
  const rotate = async (next: unknown): Promise<void> => put(await pack({ secrets: next }));
  await rotate(secrets);
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: source,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_CACHE_TTL: ttl,
    ...env,
    ...("CLEF_AGENT_SOCKET" in env ? { CLEF_AGENT_SOCKET: join(directory, "agent.sock") } : {}),
  });
  await agent.ready();
  return { agent, rotate, put };
}

async function etagOf(agent: AgentProcess, path: string): Promise<string> {
  const { etag } = (await agent.get(path)).headers;
  assert.equal(typeof etag, "string", path);
  return String(etag);
}

/** Asks for a path and waits for a change of it. */
async function wait(agent: AgentProcess, path: string, seconds = 60): Promise<Promise<Answer>[]> {
  const etag = await etagOf(agent, path);
  return [agent.get(path, { "if-none-match": etag, prefer: `wait=${seconds}` })];
}

for (const { mode, place, ttl, env } of [
  { mode: "cached", place: "a port", ttl: "300", env: {} },
  { mode: "cached", place: "a socket", ttl: "300", env: BY_SOCKET },
  { mode: "just-in-time", place: "a port", ttl: "0", env: {} },
  { mode: "just-in-time", place: "a socket", ttl: "0", env: BY_SOCKET },
]) {
  describe(`a request that waits for a change, in ${mode} mode on ${place}`, () => {
    test("is answered with the new value when it changes, and says how long it would have waited", async (t) => {
      const { agent, rotate } = await started(t, ttl, { app: { KEY: "old" }, OTHER: "x" }, env);
      const paths = [
        "/v1/secrets",
        "/v1/secrets?format=flat",
        "/v1/secrets/KEY",
        "/v1/secrets/app/KEY",
      ];
      const waits = (await Promise.all(paths.map((path) => wait(agent, path, 999)))).flat();
      await rotate({ app: { KEY: "new" }, OTHER: "x" });
      for (const answer of await Promise.all(waits)) {
        assert.equal(answer.status, 200);
        assert.equal(answer.headers["preference-applied"], "wait=240");
        assert.match(answer.body, /new/);
      }
    });

    test("is answered with 304 when its time is over", async (t) => {
      const { agent } = await started(t, ttl, { KEY: "old" }, env);
      const [held] = await wait(agent, "/v1/secrets/KEY", 0);
      const answer = await held;
      assert.equal(answer?.status, 304);
      assert.equal(answer.headers["preference-applied"], "wait=0");
      assert.equal(typeof answer.headers["etag"], "string");
    });

    test("is answered with 503 at once when what it has is revoked", async (t) => {
      const { agent, put } = await started(t, ttl, { KEY: "old" }, env);
      const [held] = await wait(agent, "/v1/secrets");
      const whom = { identity: "api-gateway", environment: "production", revision: undefined };
      await put(revocationMarker(whom, Date.now()));
      const answer = await held;
      assert.equal(answer?.status, 503);
      assert.match(answer.body, /Artifact revoked/);
    });

    test("is answered at once where its tag does not match, or it sent none", async (t) => {
      const { agent } = await started(t, ttl, { KEY: "old" }, env);
      for (const headers of [
        { prefer: "wait=60" },
        { prefer: "wait=60", "if-none-match": '"another"' },
      ]) {
        const answer = await agent.get("/v1/secrets", headers);
        assert.equal(answer.status, 200);
        assert.equal(answer.headers["preference-applied"], undefined);
      }
    });

    test("is answered with 503 when the agent stops", async (t) => {
      const { agent } = await started(t, ttl, { KEY: "old" }, env);
      const held = (await wait(agent, "/v1/keys")).map((one) => one);
      await eventually(
        "the request waits",
        async () => (await agent.get("/v1/health")).status === 200,
      );
      agent.child.kill("SIGTERM");
      assert.equal((await held[0])?.status, 503);
      assert.equal((await agent.ended()).code, 0);
    });
  });
}

describe("the entity tags of the cached mode", () => {
  test("of one secret and of the names change only with them", async (t) => {
    const { agent, rotate } = await started(t, "300", { A: "1", B: "1" });
    const tags = async (): Promise<readonly string[]> =>
      Promise.all(
        ["/v1/secrets/A", "/v1/secrets/B", "/v1/keys", "/v1/secrets"].map((path) =>
          etagOf(agent, path),
        ),
      );
    const before = await tags();
    const [held] = await wait(agent, "/v1/secrets");
    await rotate({ A: "2", B: "1" });
    await held;
    const after = await tags();
    assert.deepEqual(
      before.map((tag, index) => tag === after[index]),
      [false, true, true, false],
    );
  });

  test("of one process tell nothing to another", async (t) => {
    const one = await started(t, "300", { A: "1" });
    const other = await started(t, "300", { A: "1" });
    assert.notEqual(
      await etagOf(one.agent, "/v1/secrets/A"),
      await etagOf(other.agent, "/v1/secrets/A"),
    );
  });
});

test("at most so many requests wait, one more is told to come again, and a client that goes away frees its place", async (t) => {
  const { agent } = await started(t, "300", { KEY: "old" });
  const port = await agent.port();
  const etag = await etagOf(agent, "/v1/secrets");
  const text = `GET /v1/secrets HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${TOKEN}\r\nIf-None-Match: ${etag}\r\nPrefer: wait=60\r\n\r\n`;
  const clients = Array.from({ length: MAX_WAITING_REQUESTS }, () => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(text);
    return socket;
  });
  t.after(() => {
    for (const socket of clients) socket.destroy();
  });
  const oneMore = (): Promise<Answer> =>
    agent.get("/v1/secrets", { "if-none-match": etag, prefer: "wait=0" });
  await eventually("all places are taken", async () => (await oneMore()).status === 429);
  assert.equal((await oneMore()).headers["retry-after"], "1");
  clients[0]?.destroy();
  await eventually("a place is free", async () => (await oneMore()).status === 304);
});

describe("POST /v1/refresh", () => {
  const post = async (agent: AgentProcess, headers = {}): Promise<Answer> =>
    httpRequest(
      await agent.place(),
      "/v1/refresh",
      { authorization: `Bearer ${TOKEN}`, ...headers },
      "POST",
    );

  test("looks at the source, says what became of it, and not again within a second", async (t) => {
    const { agent } = await started(t, "300", { KEY: "old" });
    const first = await eventually("a look is welcome", async () => {
      const answer = await post(agent);
      return answer.status === 200 ? answer : undefined;
    });
    const { revision } = JSON.parse((await agent.get("/v1/health")).body) as { revision: string };
    assert.deepEqual(JSON.parse(first.body), { outcome: "unchanged", revision, reason: null });
    const again = await post(agent);
    assert.equal(again.status, 429);
    assert.equal(again.headers["retry-after"], "1");
  });

  test("needs the token, and no other method will do", async (t) => {
    const { agent } = await started(t, "300", { KEY: "old" });
    assert.equal((await post(agent, { authorization: "Bearer wrong" })).status, 401);
    const get = await agent.get("/v1/refresh");
    assert.deepEqual([get.status, get.headers["allow"]], [405, "POST"]);
  });
});
