import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { TOKEN } from "../support/agent-process.ts";
import { pack } from "../support/artifacts.ts";
import { clef } from "../support/cli.ts";
import { listening } from "../support/listening.ts";
import { outcomeOf, refreshTrial, type RefreshTrial } from "../support/refresh-trial.ts";
import { temporaryDirectory } from "../support/temporary.ts";

type Env = Readonly<Record<string, string>>;

const PLACES: readonly [string, (trial: RefreshTrial) => Promise<Env>][] = [
  ["a socket", ({ socket }) => Promise.resolve({ CLEF_AGENT_SOCKET: socket })],
  [
    "a URL",
    async ({ agent }) => ({
      CLEF_AGENT_URL: `http://127.0.0.1:${await agent.port()}`,
      CLEF_AGENT_TOKEN: TOKEN,
    }),
  ],
  [
    "a port, and the token in a file",
    async ({ agent, directory }) => {
      await writeFile(join(directory, "token"), `${TOKEN}\n`);
      return {
        CLEF_AGENT_PORT: String(await agent.port()),
        CLEF_AGENT_TOKEN_FILE: join(directory, "token"),
      };
    },
  ],
];

for (const ttl of ["300", "0"]) {
  describe(`refresh and healthcheck, in ${ttl === "0" ? "just-in-time" : "cached"} mode`, () => {
    for (const [place, envOf] of ttl === "0" ? PLACES.slice(0, 1) : PLACES) {
      test(`reach the agent by ${place}`, async (t) => {
        const running = await refreshTrial(t, ttl);
        const env = await envOf(running);
        running.put(await pack({ secrets: { KEY: "new" } }));
        const refreshed = await clef(["refresh"], { env });
        assert.deepEqual([refreshed.code, refreshed.stderr], [0, ""]);
        assert.equal(outcomeOf(refreshed), "refreshed");
        assert.match((await running.agent.get("/v1/secrets/KEY")).body, /new/);
        for (const question of ["live", "ready"]) {
          const asked = await clef(["healthcheck", question], { env });
          assert.deepEqual([asked.code, asked.stderr], [0, ""]);
        }
      });
    }
  });
}

describe("refresh", () => {
  test("never goes through a proxy, whatever the environment says, nor does healthcheck", async (t) => {
    const { agent } = await refreshTrial(t);
    const seen: (string | undefined)[] = [];
    const proxy = createHttpServer((request, response) => {
      seen.push(request.url);
      response.end("{}");
    }).on("connect", (request, socket) => {
      seen.push(request.url);
      socket.destroy();
    });
    await new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve));
    t.after(() => proxy.close());
    const address = proxy.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const env = {
      NODE_USE_ENV_PROXY: "1",
      HTTP_PROXY: url,
      http_proxy: url,
      CLEF_AGENT_URL: `http://127.0.0.1:${await agent.port()}`,
      CLEF_AGENT_TOKEN: TOKEN,
    };
    assert.equal((await clef(["refresh"], { env })).code, 0);
    assert.equal((await clef(["healthcheck"], { env })).code, 0);
    assert.deepEqual(seen, []);
  });

  test("says what to do about a wrong token, an agent that is not there, and a wrong environment", async (t) => {
    const { agent, directory } = await refreshTrial(t);
    const url = `http://127.0.0.1:${await agent.port()}`;
    const tokenFile = join(directory, "two-lines");
    await writeFile(tokenFile, `${TOKEN}\n${TOKEN}\n`);
    for (const [env, said] of [
      [
        { CLEF_AGENT_URL: url, CLEF_AGENT_TOKEN: `${TOKEN}\n${TOKEN}` },
        /CLEF_AGENT_TOKEN: it must/,
      ],
      [{ CLEF_AGENT_URL: url, CLEF_AGENT_TOKEN: `${TOKEN}€` }, /CLEF_AGENT_TOKEN: it must/],
      [{ CLEF_AGENT_URL: url, CLEF_AGENT_TOKEN_FILE: tokenFile }, /CLEF_AGENT_TOKEN_FILE: it must/],
      [{ CLEF_AGENT_URL: url, CLEF_AGENT_TOKEN: "wrong" }, /401; check CLEF_AGENT_TOKEN/],
      [{ CLEF_AGENT_URL: url }, /neither CLEF_AGENT_TOKEN nor CLEF_AGENT_TOKEN_FILE is set/],
      [{ CLEF_AGENT_SOCKET: join(directory, "none") }, /cannot be reached \(ENOENT\)/],
      [{ CLEF_AGENT_URL: "http://example.com:7779", CLEF_AGENT_TOKEN: TOKEN }, /must be http:/],
      [{ CLEF_AGENT_URL: `${url}/x`, CLEF_AGENT_TOKEN: TOKEN }, /must be http:/],
      [{ CLEF_AGENT_PORT: "0", CLEF_AGENT_TOKEN: TOKEN }, /CLEF_AGENT_PORT is 0/],
    ] as readonly (readonly [Env, RegExp])[]) {
      const { code, stdout, stderr } = await clef(["refresh"], { env });
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, new RegExp(TOKEN));
    }
    assert.equal((await clef(["refresh", "now"], {})).code, 2);
  });

  test("says that the agent hung up, or is none", async (t) => {
    const mute = createServer((socket) => socket.on("error", () => undefined).resume());
    const path = join(await temporaryDirectory(t), "mute.sock");
    await new Promise<void>((resolve) => void mute.listen(path, resolve));
    t.after(() => mute.close());
    const health = await clef(["healthcheck"], { env: { CLEF_AGENT_SOCKET: path } });
    assert.equal(health.code, 1);
    assert.match(health.stderr, /did not answer within 900 ms/);
    const port = await listening(t, (_request, response) => void response.writeHead(404).end());
    const env = { CLEF_AGENT_URL: `http://127.0.0.1:${port}`, CLEF_AGENT_TOKEN: TOKEN };
    const { code, stderr } = await clef(["refresh"], { env });
    assert.equal(code, 1);
    assert.match(stderr, /answered 404; is it an agent of this version\?/);
  });
});
