import assert from "node:assert/strict";
import { unlink, writeFile } from "node:fs/promises";
import { type ClientRequest, request } from "node:http";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { type Client, ClientError, connect, type Secrets } from "../../src/client/index.ts";
import { MAX_WAITING_REQUESTS } from "../../src/limits.ts";
import { TOKEN } from "./agent-process.ts";
import { Sidecar, type Way } from "./sidecar.ts";
import { eventually } from "./temporary.ts";

/** What a loop over `watch` saw so far. */
interface Watched {
  readonly seen: readonly Secrets[];
  readonly troubles: readonly string[];
  /** How it ended, as a code. */
  readonly ended: Promise<string>;
}

function watching(t: TestContext, client: Client): Watched {
  const seen: Secrets[] = [];
  const troubles: string[] = [];
  const controller = new AbortController();
  t.after(() => controller.abort());
  const loop = async (): Promise<string> => {
    const onTrouble = ({ code }: ClientError): void => void troubles.push(code);
    try {
      for await (const secrets of client.watch({ signal: controller.signal, onTrouble })) {
        seen.push(secrets);
      }
      return "over";
    } catch (error) {
      return error instanceof ClientError ? error.code : String(error);
    }
  };
  return { seen, troubles, ended: loop() };
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "no error",
    (error: unknown) => (error instanceof ClientError ? error.code : String(error)),
  );
}

const seen = async ({ seen: sets, troubles }: Watched, count: number): Promise<void> => {
  const so = (): string => `${JSON.stringify(sets)} ${troubles.join(" ")}`;
  await eventually(`${count} sets: ${so()}`, () => sets.length === count, 20_000);
};

/** What the client must do beside the built agent, whatever the way and the mode (contract, section 12). */
export function clientOf(way: Way, mode: "cached" | "just-in-time"): void {
  const ttl = mode === "cached" ? "300" : "0";

  describe(`the client over ${way}, of an agent in ${mode} mode`, { concurrency: true }, () => {
    test("reads what is served, and says by code what is not", async (t) => {
      const secrets = { KEY: "one", a: { X: "1", ONLY: "2" }, b: { X: "3" } };
      const sidecar = await Sidecar.start(t, { way, ttl, secrets });
      const client = connect({ env: sidecar.clients });
      await client.ready();
      assert.deepEqual(await client.getAll(), { KEY: "one", a__X: "1", a__ONLY: "2", b__X: "3" });
      assert.deepEqual(await client.keys(), ["KEY", "a__X", "a__ONLY", "b__X"]);
      assert.equal(await client.get("a__X"), "1");
      assert.equal(await client.get("ONLY"), "2");
      assert.equal(await codeOf(client.get("X")), "ambiguous");
      assert.equal(await codeOf(client.get("none")), "not_found");
      assert.equal(await codeOf(client.get("")), "not_found");
    });

    test("lets the agent look at its source, once a second", async (t) => {
      const sidecar = await Sidecar.start(t, { way, ttl });
      const client = connect({ env: sidecar.clients });
      await client.ready();
      const first = await eventually("a look is welcome", () =>
        client.refresh().catch(() => undefined),
      );
      assert.deepEqual(Object.keys(first), ["outcome", "revision", "reason"]);
      assert.equal(first.outcome, "unchanged");
      assert.equal(await codeOf(client.refresh()), "busy");
    });

    test("waits for the agent, and says why when its time is over", async (t) => {
      const sidecar = await Sidecar.at(t, { way, ttl });
      await unlink(join(sidecar.directory, "artifact.json"));
      const client = connect({ env: sidecar.clients });
      assert.equal(await codeOf(client.ready({ timeoutMs: 100 })), "unreachable");
      await sidecar.start();
      assert.equal(await codeOf(client.ready({ timeoutMs: 100 })), "not_loaded");
      const waiting = client.ready();
      await sidecar.repack({ KEY: "one" });
      await waiting;
      assert.equal(await client.get("KEY"), "one");
    });

    test("yields at the start and after every change, also of what changed while the agent was away", async (t) => {
      const sidecar = await Sidecar.start(t, { way, ttl });
      const client = connect({ env: sidecar.clients });
      const watched = watching(t, client);
      await seen(watched, 1);
      await sidecar.repack({ KEY: "two" });
      await seen(watched, 2);
      await sidecar.stop();
      await eventually("it is missed", () => watched.troubles.includes("unreachable"));
      await sidecar.repack({ KEY: "between" });
      await sidecar.repack({ KEY: "three" });
      await sidecar.start();
      await seen(watched, 3);
      await sidecar.repack({ KEY: "three" });
      await sidecar.repack({ KEY: "four" });
      await seen(watched, 4);
      assert.deepEqual(
        watched.seen.map(({ KEY }) => KEY),
        ["one", "two", "three", "four"],
      );
    });

    test("ends its loop at a revocation, and comes back after it", async (t) => {
      const sidecar = await Sidecar.start(t, { way, ttl });
      const client = connect({ env: sidecar.clients });
      const watched = watching(t, client);
      await seen(watched, 1);
      await sidecar.revoke();
      assert.equal(await watched.ended, "revoked");
      assert.equal(await codeOf(client.getAll()), "revoked");
      await sidecar.repack({ KEY: "new" });
      await client.ready();
      const again = watching(t, client);
      await seen(again, 1);
      assert.deepEqual(again.seen, [{ KEY: "new" }]);
    });

    test("goes on through an expiry, and says so", async (t) => {
      const sidecar = await Sidecar.start(t, { way, ttl });
      const client = connect({ env: sidecar.clients });
      const watched = watching(t, client);
      await seen(watched, 1);
      await sidecar.repack({ KEY: "short" }, { ttlMs: 4_000 });
      await eventually("it expires", () => watched.troubles.includes("expired"), 20_000);
      assert.equal(await codeOf(client.getAll()), "expired");
      await sidecar.repack({ KEY: "new" });
      await eventually("it is told", () => watched.seen.at(-1)?.["KEY"] === "new", 20_000);
    });

    test("waits for a place where all are taken, and hears of the change all the same", async (t) => {
      const sidecar = await Sidecar.start(t, { way, ttl });
      const client = connect({ env: sidecar.clients });
      await client.ready();
      await takeAllPlaces(t, sidecar);
      const watched = watching(t, client);
      await seen(watched, 1);
      await eventually("it is busy", () => watched.troubles.includes("busy"));
      await sidecar.repack({ KEY: "two" });
      await seen(watched, 2);
    });

    if (way === "TCP") {
      test("follows a token that is rotated in its file, and says when none is right", async (t) => {
        const sidecar = await Sidecar.at(t, { way, ttl });
        const file = join(sidecar.directory, "token");
        await writeFile(file, TOKEN, { mode: 0o600 });
        await sidecar.start({ CLEF_AGENT_TOKEN: undefined, CLEF_AGENT_TOKEN_FILE: file });
        const { CLEF_AGENT_URL: url } = sidecar.clients;
        const client = connect({ url, env: { CLEF_AGENT_TOKEN_FILE: file } });
        const watched = watching(t, client);
        await seen(watched, 1);
        await writeFile(file, "another-token-0123456789abcdef");
        await sidecar.agent.logged("the new token", ({ message }) =>
          String(message).includes("token read again"),
        );
        assert.equal(await client.get("KEY"), "one");
        await sidecar.repack({ KEY: "two" });
        await seen(watched, 2);
        assert.equal(
          await codeOf(connect({ url, token: TOKEN, env: {} }).getAll()),
          "unauthorized",
        );
        assert.equal(await codeOf(connect({ url, env: {} }).getAll()), "unauthorized");
      });
    }
  });
}

/** As many requests as may wait, by somebody else. */
async function takeAllPlaces(t: TestContext, sidecar: Sidecar): Promise<void> {
  const { CLEF_AGENT_URL: url, CLEF_AGENT_SOCKET: socketPath } = sidecar.clients;
  const where = url === undefined ? { socketPath } : { host: "127.0.0.1", port: new URL(url).port };
  const { etag } = (await sidecar.agent.get("/v1/keys")).headers;
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    "if-none-match": String(etag),
    prefer: "wait=240",
  };
  const ask = { ...where, path: "/v1/keys", headers, agent: false } as const;
  const asked = new Set<ClientRequest>();
  let isOver = false;
  const take = (): void => {
    if (isOver) return;
    const outgoing = request(ask);
    asked.add(outgoing);
    // The one that looks whether all are taken takes one too, and in a flood one may have to make room.
    outgoing.on("error", () => undefined);
    outgoing.on("response", (answer) => {
      answer.resume();
      // What they wait for has changed.
      isOver ||= answer.statusCode === 200;
    });
    outgoing.on("close", () => setTimeout(take, 20));
    outgoing.end();
  };
  for (let place = 0; place < MAX_WAITING_REQUESTS; place++) take();
  t.after(() => {
    isOver = true;
    for (const outgoing of asked) outgoing.destroy();
  });
  await eventually("all places are taken", async () => {
    const answer = await sidecar.agent.get("/v1/keys", { ...headers, prefer: "wait=0" });
    return answer.status === 429;
  });
}
