import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { AgentProcess, type Answer, httpRequest, TOKEN } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { SERIES } from "../support/prometheus-names.ts";
import { parsePrometheus } from "../support/prometheus-text.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const SECRET = "s3cret-value-of-the-app";
/** As the kubelet sends it: the pod's address, which is none of the agent's names. */
const KUBELET = { host: "10.1.2.3:7780", "user-agent": "kube-probe/1.37" };

interface Probed {
  readonly agent: AgentProcess;
  readonly port: number;
  readonly ask: (
    path: string,
    method?: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
}

async function probed(
  t: TestContext,
  artifact?: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<Probed> {
  const file = join(await temporaryDirectory(t), "artifact.json");
  if (artifact !== undefined) await writeFile(file, artifact);
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: file,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_PROBE_LISTEN: "127.0.0.1:0",
    ...env,
  });
  const line = await agent.logged("probes", ({ message }) => message === "answering probes");
  const port = Number(String(line["address"]).split(":").at(-1));
  const ask: Probed["ask"] = (path, method, headers = {}) =>
    httpRequest(port, path, { ...KUBELET, ...headers }, method);
  return { agent, port, ask };
}

describe("the probe listener", () => {
  test("answers a kubelet's probes", async (t) => {
    const { agent, ask } = await probed(t, await pack({ secrets: { KEY: SECRET } }));
    await agent.ready();
    const health = await ask("/v1/health");
    assert.equal(health.status, 200);
    assert.equal((JSON.parse(health.body) as { state: string }).state, "fresh");
    const ready = await ask("/v1/ready");
    assert.deepEqual([ready.status, ready.body], [200, '{"ready":true}']);
    for (const path of ["/v1/health", "/v1/ready"]) {
      const head = await ask(path, "HEAD");
      assert.deepEqual([head.status, head.body], [200, ""]);
    }
  });

  test("says not ready before there is anything to serve, and healthy all the same", async (t) => {
    const { ask } = await probed(t);
    const ready = await ask("/v1/ready");
    assert.deepEqual([ready.status, ready.body], [503, '{"ready":false,"reason":"not_loaded"}']);
    assert.equal((await ask("/v1/health")).status, 200);
  });

  test("serves nothing else, whatever the path, the method or the token", async (t) => {
    const { agent, ask } = await probed(t, await pack({ secrets: { KEY: SECRET } }));
    await agent.ready();
    const withToken = { authorization: `Bearer ${TOKEN}` };
    for (const headers of [{}, withToken, { ...withToken, host: "127.0.0.1" }]) {
      for (const path of ELSEWHERE) {
        for (const method of [
          "GET",
          "HEAD",
          "POST",
          "PUT",
          "PATCH",
          "DELETE",
          "OPTIONS",
          "TRACE",
        ]) {
          const what = `${method} ${path}`;
          const answer = await ask(path, method, headers);
          const read = method === "GET" || method === "HEAD";
          // 400 is for a path that is none.
          assert.ok(read ? [400, 404].includes(answer.status) : answer.status === 405, what);
          assert.doesNotMatch(answer.body, /s3cret|KEY/, what);
          assert.equal(answer.headers["etag"], undefined, what);
          assert.equal(answer.headers["cache-control"], "no-store", what);
        }
      }
      for (const path of ["/v1/health", "/v1/ready"]) {
        for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
          assert.equal((await ask(path, method, headers)).status, 405);
        }
      }
    }
  });

  test("has no second request smuggled past it on a connection", async (t) => {
    const { agent, port } = await probed(t, await pack({ secrets: { KEY: SECRET } }));
    await agent.ready();
    const client = connect(port, "127.0.0.1");
    t.after(() => client.destroy());
    const get = (path: string): string =>
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${TOKEN}\r\n`;
    client.write(`${get("/v1/health")}\r\n${get("/v1/secrets")}\r\n${get("/v1/secrets/KEY")}`);
    client.write("Connection: close\r\n\r\n");
    let text = "";
    // It is closed while requests of ours have not been read.
    client.on("error", () => undefined);
    client.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await once(client, "close");
    assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 200"]);
    assert.ok(!text.includes(SECRET));
  });

  for (const { mode, ttl, url } of [
    { mode: "cached", ttl: "300", url: undefined },
    { mode: "just-in-time", ttl: "0", url: undefined },
    { mode: "cached", ttl: "300", url: "http://127.0.0.1:9/v1/logs" },
  ]) {
    test(`answers scrapers, in ${mode} mode ${url === undefined ? "without" : "with"} telemetry, and names no secret`, async (t) => {
      const { agent, ask } = await probed(t, await pack({ secrets: { KEY: SECRET } }), {
        CLEF_AGENT_CACHE_TTL: ttl,
        CLEF_AGENT_TELEMETRY_URL: url,
        CLEF_AGENT_ID: "pod-1",
        OTEL_RESOURCE_ATTRIBUTES: "service.namespace=shop",
      });
      await agent.ready();
      const etag = String((await agent.get("/v1/secrets/KEY")).headers["etag"]);
      const held = { "if-none-match": etag, prefer: "wait=1" };
      assert.equal((await agent.get("/v1/secrets/KEY", held)).status, 304);
      const { status, headers, body } = await ask("/metrics");
      assert.equal(status, 200);
      assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
      assert.doesNotMatch(body, /KEY|s3cret/);
      const samples = parsePrometheus(body).flatMap((family) => family.samples);
      const valueOf = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
        samples
          .filter((sample) => sample.name === name)
          .filter((sample) => Object.entries(labels).every(([k, v]) => sample.labels[k] === v))
          .reduce((sum, { value }) => sum + value, 0);
      assert.equal(
        valueOf("target_info", {
          clef_agent_id: "pod-1",
          clef_identity: "api-gateway",
          service_namespace: "shop",
        }),
        1,
      );
      assert.equal(valueOf("clef_secrets_state", { clef_state: "fresh" }), 1);
      assert.equal(valueOf("clef_secrets_reads_total", { clef_environment: "production" }), 2);
      const route = { http_route: "/v1/secrets/:key" };
      assert.equal(valueOf("http_server_request_duration_seconds_count", route), 2);
      assert.ok(valueOf("http_server_request_duration_seconds_sum", route) < 1);
      assert.deepEqual(
        samples.filter(({ name }) => name !== "target_info" && !SERIES.has(name)),
        [],
      );
      assert.equal((await ask("/metrics", "HEAD")).body, "");
      assert.equal((await ask("/metrics", "POST")).status, 405);
      assert.equal((await agent.get("/metrics")).status, 404);
    });
  }

  test("is not there unless asked for, and the main listener answers no kubelet", async (t) => {
    const agent = AgentProcess.start(t, {
      CLEF_AGENT_SOURCE: "/nowhere",
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    });
    const port = await agent.port();
    assert.equal(
      agent.log.find(({ message }) => message === "answering probes"),
      undefined,
    );
    assert.equal((await httpRequest(port, "/v1/health", KUBELET)).status, 403);
  });

  test("closes together with the agent", async (t) => {
    const { agent, ask } = await probed(t, await pack());
    await agent.ready();
    await agent.stop();
    await eventually("it is closed", () =>
      ask("/v1/health").then(
        () => false,
        () => true,
      ),
    );
  });
});

const ELSEWHERE = [
  "/",
  "/v1",
  "/v1/",
  "/v1/secrets",
  "/v1/secrets?format=flat",
  "/v1/secrets/KEY",
  "/v1/secrets/app/KEY",
  "/v1/keys",
  "/v1/HEALTH",
  "/v1//health",
  "/v1/health/../secrets",
  "/v1/health%2f..%2fsecrets",
  "/V1/secrets",
  "/v2/health",
  "/health",
  "/metrics/x",
  "/debug",
  "/json/version",
  "/%ff",
];
