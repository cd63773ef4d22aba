import assert from "node:assert/strict";
import { connect } from "node:net";
import { join } from "node:path";
import { after, describe, test, type TestContext } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { MAX_WAITING_REQUESTS } from "../../src/limits.ts";
import { AgentProcess, type Answer, httpRequest, TOKEN } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack, revocation } from "../support/artifacts.ts";
import { readOpenApi, responsesOf } from "../support/openapi.ts";
import { replaceFile } from "../support/replace-file.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const documented = responsesOf(readOpenApi());
const ajv = new Ajv2020({ formats: { uuid: /^[0-9a-f-]{36}$/ } });
/** What has been answered, as `get /v1/keys 200 ETag`. */
const seen = new Set<string>();

const OF_HTTP: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "date",
  "keep-alive",
]);

/** A path of the description, and one of its kind. */
const SECRETS = [
  ["/v1/secrets", "/v1/secrets"],
  ["/v1/secrets/{key}", "/v1/secrets/TOP"],
  ["/v1/secrets/{namespace}/{key}", "/v1/secrets/app/KEY"],
  ["/v1/keys", "/v1/keys"],
] as const;

type Headers = Readonly<Record<string, string>>;
const WITH_TOKEN: Headers = { authorization: `Bearer ${TOKEN}` };

/** Holds an answer to what is documented, and notes it. */
function check(path: string, method: "get" | "post", answer: Answer): Answer {
  const what = `${method} ${path} ${answer.status}`;
  const entry = documented.find(
    (one) => one.path === path && one.method === method && one.status === String(answer.status),
  );
  assert.ok(entry, `${what} is not described: ${answer.body}`);
  seen.add(what);
  const described = new Map(
    Object.entries(entry.response.headers ?? {}).map(([name, header]) => [
      name.toLowerCase(),
      { name, ...header },
    ]),
  );
  for (const [name, value] of Object.entries(answer.headers)) {
    if (OF_HTTP.has(name)) continue;
    const header = described.get(name);
    assert.ok(header, `${what} has ${name}`);
    assert.ok(ajv.validate(header.schema, value), `${what}: ${name} is ${String(value)}`);
    seen.add(`${what} ${header.name}`);
  }
  for (const [name, { required }] of described) {
    assert.ok(required !== true || name in answer.headers, `${what} has no ${name}`);
  }
  const [type] = String(answer.headers["content-type"] ?? "").split(";");
  const content = entry.response.content?.[type ?? ""];
  assert.equal(content === undefined, answer.body === "", `${what} is ${String(type)}`);
  if (content !== undefined) {
    const body: unknown = type === "application/json" ? JSON.parse(answer.body) : answer.body;
    assert.ok(ajv.validate(content.schema, body), `${what}: ${ajv.errorsText()}`);
  }
  return answer;
}

interface Trial {
  readonly agent: AgentProcess;
  readonly get: (path: string, target?: string, headers?: Headers) => Promise<Answer>;
  readonly put: (text: string) => Promise<void>;
  readonly probes: number;
}

async function trial(t: TestContext, artifact?: string): Promise<Trial> {
  const file = join(await temporaryDirectory(t), "artifact.json");
  const put = async (text: string): Promise<void> => {
    await replaceFile(file, text);
  };
  if (artifact !== undefined) await put(artifact);
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: file,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_PROBE_LISTEN: "127.0.0.1:0",
  });
  const line = await agent.logged("probes", ({ message }) => message === "answering probes");
  const get: Trial["get"] = async (path, target = path, headers = {}) =>
    check(path, "get", await agent.get(target, headers));
  return { agent, get, put, probes: Number(String(line["address"]).split(":").at(-1)) };
}

const packed = (key: string, more: object = {}): Promise<string> =>
  pack({ secrets: { app: { KEY: key }, other: { KEY: "x" }, TOP: key, ...more } });

describe("the description of the API holds the agent to", () => {
  test("what it answers while it serves, and to what is wrong with a request", async (t) => {
    const { agent, get, put, probes } = await trial(t, await packed("old"));
    await agent.ready();
    const port = await agent.port();
    const tags = new Map<string, string>();
    for (const [path, target] of SECRETS) {
      const etag = String((await get(path, target)).headers["etag"]);
      tags.set(target, etag);
      await get(path, target, { "if-none-match": etag });
      await get(path, target, { "if-none-match": etag, prefer: "wait=0" });
      check(path, "get", await httpRequest(port, target, {}));
      check(path, "get", await httpRequest(port, target, { ...WITH_TOKEN, host: "evil.example" }));
    }
    for (const [path, target] of [
      ["/v1/secrets", "/v1/secrets?format=flat"],
      ["/v1/secrets", "/v1/secrets?format=xml"],
      ["/v1/secrets/{key}", "/v1/secrets/NOPE"],
      ["/v1/secrets/{key}", "/v1/secrets/KEY"],
      ["/v1/secrets/{key}", "/v1/secrets/%ff"],
      ["/v1/secrets/{namespace}/{key}", "/v1/secrets/app/NOPE"],
      ["/v1/secrets/{namespace}/{key}", "/v1/secrets/app/%ff"],
      ["/v1/health", "/v1/health"],
      ["/v1/ready", "/v1/ready"],
    ] as const) {
      await get(path, target);
    }
    for (const path of ["/v1/health", "/v1/ready"]) {
      check(path, "get", await httpRequest(port, path, { forwarded: "for=x" }));
    }
    check("/metrics", "get", await httpRequest(probes, "/metrics", {}));

    const waits = SECRETS.map(([path, target]) =>
      get(path, target, { "if-none-match": tags.get(target) ?? "", prefer: "wait=60" }),
    );
    await put(await packed("new", { ANOTHER: "x" }));
    for (const answer of await Promise.all(waits)) assert.equal(answer.status, 200);
  });

  test("what it answers to requests to look at the source", async (t) => {
    const { agent } = await trial(t, await packed("old"));
    await agent.ready();
    const port = await agent.port();
    const post = async (headers: Headers = WITH_TOKEN): Promise<Answer> =>
      check("/v1/refresh", "post", await httpRequest(port, "/v1/refresh", headers, "POST"));
    await eventually("a look", async () => (await post()).status === 200);
    await eventually("one too many", async () => (await post()).status === 429);
    assert.equal((await post({})).status, 401);
    assert.equal((await post({ ...WITH_TOKEN, "x-forwarded-for": "x" })).status, 403);
  });

  test("what it answers while there is nothing to serve, and when that begins", async (t) => {
    const { agent, get, put } = await trial(t);
    await agent.port();
    for (const path of ["/v1/ready", "/v1/health"]) await get(path);
    for (const [path, target] of SECRETS) assert.equal((await get(path, target)).status, 503);
    await put(await packed("old"));
    await agent.ready();
    const waits = await Promise.all(
      SECRETS.map(async ([path, target]) => {
        const { etag } = (await get(path, target)).headers;
        return { held: get(path, target, { "if-none-match": String(etag), prefer: "wait=60" }) };
      }),
    );
    await put(revocation());
    for (const { held } of waits) assert.equal((await held).status, 503);
  });

  test("what it answers where too many wait", async (t) => {
    const { agent, get } = await trial(t, await packed("old"));
    await agent.ready();
    const { etag } = (await get("/v1/keys")).headers;
    const port = await agent.port();
    const lines = [
      "GET /v1/keys HTTP/1.1",
      "Host: 127.0.0.1",
      `Authorization: Bearer ${TOKEN}`,
      `If-None-Match: ${String(etag)}`,
      "Prefer: wait=60",
    ];
    const clients = Array.from({ length: MAX_WAITING_REQUESTS }, () => {
      const socket = connect(port, "127.0.0.1").on("error", () => undefined);
      socket.write(`${lines.join("\r\n")}\r\n\r\n`);
      return socket;
    });
    t.after(() => {
      for (const socket of clients) socket.destroy();
    });
    for (const [path, target] of SECRETS) {
      const held = { "if-none-match": "*", prefer: "wait=0" };
      await eventually("no place", async () => (await get(path, target, held)).status === 429);
    }
  });
});

after(() => {
  // Four hundred readers at once must find the agent decrypting: see the tests of the handler.
  const unseen = documented
    .flatMap(({ path, method, status, response }) =>
      ["", ...Object.keys(response.headers ?? {})].map((header) =>
        `${method} ${path} ${status} ${header}`.trim(),
      ),
    )
    .filter((what) => !seen.has(what) && !what.endsWith("503 Retry-After"));
  assert.deepEqual(unseen, []);
});
