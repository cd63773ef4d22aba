import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { ClientError, connect, type Secrets } from "../../../src/client/index.ts";
import {
  hangUp,
  json,
  type Script,
  ScriptedAgent,
  silence,
  unavailable,
} from "../../support/scripted-agent.ts";
import { eventually, temporaryDirectory } from "../../support/temporary.ts";

const WAITED = { "preference-applied": "wait=60" };
const A = json(200, { KEY: "a" }, { etag: '"a"' });
const B = json(200, { KEY: "b" }, { etag: '"b"', ...WAITED });
const NOTHING_NEW: Script = (_, response) =>
  response.writeHead(304, { etag: '"a"', ...WAITED }).end();

interface Watched {
  readonly agent: ScriptedAgent;
  readonly seen: readonly Secrets[];
  /** Codes of what was tried again. */
  readonly troubles: readonly string[];
  /** Undefined where the loop was left. */
  readonly error: unknown;
}

/** Watches an agent that answers so, until so many sets were seen or an error ends it. */
async function watched(
  t: TestContext,
  scripts: readonly Script[],
  until: number,
  tokenFile?: string,
): Promise<Watched> {
  const agent = await ScriptedAgent.start(t, ...scripts);
  const seen: Secrets[] = [];
  const troubles: string[] = [];
  const signal = AbortSignal.timeout(20_000);
  const options = { signal, onTrouble: ({ code }: ClientError) => void troubles.push(code) };
  try {
    for await (const secrets of connect({ url: agent.url, tokenFile }).watch(options)) {
      if (seen.push(secrets) === until) break;
    }
    return { agent, seen, troubles, error: undefined };
  } catch (error) {
    return { agent, seen, troubles, error };
  }
}

function codeOf(error: unknown): string {
  assert.ok(error instanceof ClientError, String(error));
  return error.code;
}

describe("watch", () => {
  test("yields once at the start and after every change, by requests that wait for 60 s", async (t) => {
    const { agent, seen } = await watched(t, [A, NOTHING_NEW, B, silence], 2);
    assert.deepEqual(seen, [{ KEY: "a" }, { KEY: "b" }]);
    assert.deepEqual(
      agent.asked.map(({ path, headers }) => [path, headers["prefer"], headers["if-none-match"]]),
      [
        ["/v1/secrets?format=flat", "wait=60", undefined],
        ["/v1/secrets?format=flat", "wait=60", '"a"'],
        ["/v1/secrets?format=flat", "wait=60", '"a"'],
      ],
    );
  });

  test("yields nothing for another tag of the same secrets", async (t) => {
    const packedAgain = json(200, { KEY: "a" }, { etag: '"a2"', ...WAITED });
    const { seen } = await watched(t, [A, packedAgain, B], 2);
    assert.deepEqual(seen, [{ KEY: "a" }, { KEY: "b" }]);
  });

  test("takes what changed while the agent was away for one change", async (t) => {
    const { agent, seen, troubles } = await watched(t, [A, hangUp, hangUp, A, hangUp, B], 2);
    assert.deepEqual(seen, [{ KEY: "a" }, { KEY: "b" }]);
    assert.deepEqual(troubles, ["unreachable", "unreachable", "unreachable"]);
    // Whoever was away is asked for what it has now, not for what it has not.
    assert.equal(agent.asked[3]?.headers["if-none-match"], undefined);
  });

  test("goes on when secrets have expired, and when all places are taken", async (t) => {
    const full = json(429, { error: "Too many requests wait at once" }, { "retry-after": "0" });
    const scripts = [A, unavailable("Secrets expired"), A, full, B];
    const { agent, seen, troubles } = await watched(t, scripts, 2);
    assert.deepEqual(seen, [{ KEY: "a" }, { KEY: "b" }]);
    assert.deepEqual(troubles, ["expired", "busy"]);
    assert.equal(agent.asked[4]?.headers["if-none-match"], '"a"', "it still has what it has");
  });

  test("ends when the artifact is revoked, and says so", async (t) => {
    const { seen, error } = await watched(t, [A, unavailable("Artifact revoked")], 9);
    assert.equal(codeOf(error), "revoked");
    assert.equal(seen.length, 1);
  });

  test("ends where its only token is refused", async (t) => {
    const { agent, error } = await watched(t, [A, json(401, { error: "Unauthorized" })], 9);
    assert.equal(codeOf(error), "unauthorized");
    assert.equal(agent.asked.length, 2);
  });

  test("has patience with a token of a file, which the agent may read later", async (t) => {
    const tokenFile = join(await temporaryDirectory(t), "token");
    await writeFile(tokenFile, "t");
    const refused = json(401, { error: "Unauthorized" });
    const { seen, troubles } = await watched(t, [A, refused, refused, B], 2, tokenFile);
    assert.equal(seen.length, 2);
    assert.deepEqual(troubles, ["unauthorized", "unauthorized"]);
    const never = await watched(t, [refused], 1, tokenFile);
    assert.equal(codeOf(never.error), "unauthorized");
    assert.equal(never.agent.asked.length, 9);
  });

  test("has that patience also after other trouble, however long", async (t) => {
    const tokenFile = join(await temporaryDirectory(t), "token");
    await writeFile(tokenFile, "t");
    const refused = json(401, { error: "Unauthorized" });
    const away = Array.from({ length: 8 }, () => hangUp);
    const scripts = [...away, refused, A, B];
    const { seen, troubles, error } = await watched(t, scripts, 2, tokenFile);
    assert.equal(error, undefined);
    assert.equal(seen.length, 2);
    assert.deepEqual(troubles.slice(-2), ["unreachable", "unauthorized"]);
  });

  test("does not run hot where nobody waits, or where an answer has no tag", async (t) => {
    const startedAt = performance.now();
    const at304: Script = (_, response) => response.writeHead(304, { etag: '"a"' }).end();
    await watched(t, [A, at304, at304, B], 2);
    await watched(t, [A, A, A, A, B], 2);
    const untagged = json(200, { KEY: "a" });
    await watched(t, [untagged, untagged, untagged, B], 2);
    assert.ok(performance.now() - startedAt > 650);
  });

  test("lets go of its request when the loop is left by its signal", async (t) => {
    const closed = Promise.withResolvers<unknown>();
    const agent = await ScriptedAgent.start(t, A, (request) => {
      request.socket.on("close", () => closed.resolve(undefined));
    });
    const controller = new AbortController();
    const watching = connect({ url: agent.url }).watch({ signal: controller.signal });
    await watching.next();
    const next = watching.next();
    await eventually("it waits", () => agent.asked.length === 2);
    controller.abort();
    await assert.rejects(next, { code: "aborted" });
    await closed.promise;
  });
});
