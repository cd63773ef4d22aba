import assert from "node:assert/strict";
import { connect } from "../../../src/client/client.ts";
import { ClientError } from "../../../src/client/error.ts";
import { ANSWER_WORDS, answers, hurry } from "../support/raw-answers.ts";
import type { FuzzTarget } from "../target.ts";

/** Is shown to the agent, and must stand in no message. */
const TOKEN = "tok-zQ7xK9vW-0123456789";
const PATIENCE_MS = 3_000;

const agent = await answers((request) => {
  if (request.startsWith("GET /v1/secrets/")) return '{"value":"v"}';
  if (request.startsWith("GET /v1/keys")) return '["A","app__B"]';
  if (request.startsWith("GET /v1/ready")) return '{"ready":true}';
  if (request.startsWith("POST")) return '{"outcome":"unchanged","revision":"1-0","reason":null}';
  return '{"A":"v","app__B":""}';
});
const unhurry = hurry(1_000);

const client = connect({ url: `http://127.0.0.1:${agent.port}`, token: TOKEN, env: {} });

/** What is asked, by the first byte of the input; each gives whether what came is what it says to be. */
const CALLS: ReadonlyMap<string, (signal: AbortSignal) => Promise<boolean>> = new Map([
  ["g", async (signal) => typeof (await client.get("A", { signal })) === "string"],
  ["a", async (signal) => areTexts(Object.values(await client.getAll({ signal })))],
  ["k", async (signal) => areTexts(await client.keys({ signal }))],
  ["r", async (signal) => typeof (await client.refresh({ signal })).outcome === "string"],
  [
    "y",
    async (signal) => {
      await client.ready({ signal, timeoutMs: 500 });
      return true;
    },
  ],
  [
    "w",
    async (signal) => {
      for await (const secrets of client.watch({ signal })) return areTexts(Object.values(secrets));
      return false;
    },
  ],
]);

function areTexts(values: readonly unknown[]): boolean {
  return Array.isArray(values) && values.every((value) => typeof value === "string");
}

/** What is answered to the client that applications use, on a real socket. */
export const target: FuzzTarget = {
  maxBytes: 500,
  close() {
    unhurry();
    agent.close();
  },
  seeds: [
    'g{"value":"v"}',
    'a{"A":"v"}',
    'k["A"]',
    'r{"outcome":"failed","revision":null,"reason":"source_timeout"}',
    "y",
    'wHTTP/1.1 200 OK\r\netag: "x"\r\ncontent-length: 9\r\n\r\n{"A":"v"}',
    'wHTTP/1.1 304 x\r\netag: "x"\r\n\r\n<next>HTTP/1.1 503 x\r\ncontent-length: 27\r\n\r\n{"error":"Secrets expired"}',
    'gHTTP/1.1 503 x\r\ncontent-length: 28\r\n\r\n{"error":"Artifact revoked"}',
    'gHTTP/1.1 401 x\r\ncontent-length: 24\r\n\r\n{"error":"Unauthorized"}',
    'gHTTP/1.1 429 x\r\nretry-after: 1\r\ncontent-length: 20\r\n\r\n{"error":"too many"}',
    'gHTTP/1.1 409 x\r\ncontent-length: 32\r\n\r\n{"error":"x","candidates":["A"]}',
    'gHTTP/1.1 404 x\r\ncontent-length: 27\r\n\r\n{"error":{"toString":null}}',
    'yHTTP/1.1 503 x\r\ncontent-length: 37\r\n\r\n{"ready":false,"reason":"not_loaded"}',
  ],
  words: [
    ...ANSWER_WORDS,
    ..."value error reason candidates outcome revision ready toString valueOf __proto__"
      .split(" ")
      .map((name) => `"${name}":`),
    ..."revoked not_loaded expired Refresh Decrypt many refreshed unchanged failed invalid".split(
      " ",
    ),
    TOKEN,
  ],
  async run(input) {
    agent.begin(input.subarray(1));
    const call = CALLS.get(input.toString("latin1", 0, 1)) ?? CALLS.get("g");
    try {
      assert.equal(await call?.(AbortSignal.timeout(PATIENCE_MS)), true);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      assert.ok(!/[\n\r]/.test(error.message), "more than a line");
      assert.ok(!error.message.includes(TOKEN), "the token is in the message");
    }
  },
};
