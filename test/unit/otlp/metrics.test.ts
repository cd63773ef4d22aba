import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { AgentError, REASON_CODES, SOURCE_CODES } from "../../../src/errors.ts";
import type { FilesStatus } from "../../../src/feed/files-status.ts";
import { METRICS } from "../../../src/otlp/metrics.ts";
import { DURATION_BOUNDS } from "../../../src/otlp/request-meter.ts";
import type { Handler } from "../../../src/server/handler.ts";
import { readRequest } from "../../../src/server/request.ts";
import { errorResponse, jsonResponse, type Response } from "../../../src/server/response.ts";
import type { ExportedMetric } from "../../support/otlp-reading.ts";
import { OtlpReceiver, refusing } from "../../support/otlp-receiver.ts";
import { TelemetryBench } from "../../support/telemetry.ts";
import { eventually } from "../../support/temporary.ts";

class Trial {
  readonly receiver: OtlpReceiver;
  readonly bench: TelemetryBench;
  readonly #ask: Handler;
  #answer: Response | Promise<Response> = jsonResponse(200, {});

  constructor(context: TestContext, receiver: OtlpReceiver) {
    this.receiver = receiver;
    this.bench = new TelemetryBench(context, receiver, { env: { OTEL_LOGS_EXPORTER: "none" } });
    this.#ask = this.bench.instruments.observe(() => this.#answer);
  }

  static async begin(context: TestContext): Promise<Trial> {
    const trial = new Trial(context, await OtlpReceiver.start(context));
    trial.bench.serves();
    return trial;
  }

  /** A client asks for this, and is answered with that status. */
  async asks(target: string, status: number, method = "GET"): Promise<void> {
    this.#answer = status < 400 ? jsonResponse(status, {}) : errorResponse(status, "no");
    await this.#ask(readRequest(method, target, []));
  }

  /** Like that, but the answer takes `ms` milliseconds, and is held back for some of them. */
  async waits(target: string, status: number, ms: number, heldMs = 0): Promise<void> {
    const late = Promise.withResolvers<Response>();
    this.#answer = late.promise;
    const asked = this.#ask(readRequest("GET", target, []));
    await this.bench.clock.advance(ms);
    late.resolve({ ...jsonResponse(status, {}), heldMs });
    await asked;
  }

  /** The metrics of the next export. */
  async exported(): Promise<ReadonlyMap<string, ExportedMetric>> {
    const before = this.receiver.requests.length;
    await this.bench.clock.advance(60_000);
    await eventually("an export", () => this.receiver.requests.length > before);
    return eventually("its metrics", () => this.receiver.metrics.size > 0 && this.receiver.metrics);
  }

  async values(name: string, ...attributes: readonly string[]): Promise<Record<string, number>> {
    const { points } = (await this.exported()).get(name) ?? { points: [] };
    return Object.fromEntries(
      points.map((point) => [
        attributes.map((attribute) => label(point.attributes[attribute])).join(" "),
        point.value,
      ]),
    );
  }
}

function label(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "-";
}

const WRITTEN: FilesStatus = { health: { state: "written" }, isReady: true };

describe("metrics", () => {
  test("are what the table of metrics says, in name, kind, unit and attributes", async (context) => {
    const trial = await Trial.begin(context);
    const { bench } = trial;
    bench.facts = { ...bench.facts, untilExpiryMs: 90_000, files: WRITTEN };
    await trial.asks("/v1/secrets", 200);
    await trial.asks("/v1/secrets", 503);
    const error = new AgentError("source_timeout", "no answer");
    bench.instruments.attempted({ kind: "fetch_failed", error });
    bench.instruments.event({ name: "command.started", revision: "1-a", keyCount: 1 });
    const exported = await trial.exported();
    assert.deepEqual([...exported.keys()].toSorted(), Object.keys(METRICS).toSorted());
    for (const [name, { kind, unit, attributes }] of Object.entries(METRICS)) {
      const metric = exported.get(name);
      assert.equal(metric?.unit, unit, name);
      assert.equal(metric.kind, kind === "counter" ? "sum" : kind, name);
      assert.equal(metric.monotonic, kind === "counter", name);
      assert.equal(metric.resource["clef.agent.id"], "agent-1");
      const seen = new Set(metric.points.flatMap((point) => Object.keys(point.attributes)));
      assert.deepEqual([...seen].toSorted(), attributes.toSorted(), name);
    }
  });

  test("tell how old the secrets are and how long they last", async (context) => {
    const trial = await Trial.begin(context);
    trial.bench.facts = { ...trial.bench.facts, untilExpiryMs: 90_500 };
    const exported = await trial.exported();
    assert.equal(exported.get("clef.secrets.age")?.points[0]?.value, 12);
    assert.equal(exported.get("clef.secrets.time_to_expiry")?.points[0]?.value, 90.5);
  });

  test("leave out what is not known", async (context) => {
    const trial = await Trial.begin(context);
    const { facts } = trial.bench;
    trial.bench.facts = { ...facts, status: { ...facts.status, ageSeconds: null } };
    const exported = await trial.exported();
    assert.ok(!exported.has("clef.secrets.age"));
    assert.ok(!exported.has("clef.secrets.time_to_expiry"));
  });

  test("tell the one state of the secrets", async (context) => {
    const trial = await Trial.begin(context);
    const { facts } = trial.bench;
    trial.bench.facts = { ...facts, status: { ...facts.status, freshness: "revoked" } };
    assert.deepEqual(await trial.values("clef.secrets.state", "clef.state"), {
      not_loaded: 0,
      fresh: 0,
      cache_expired: 0,
      artifact_expired: 0,
      revoked: 1,
    });
  });

  test("tell the one state of the files, and count what became of them", async (context) => {
    const trial = await Trial.begin(context);
    const { bench } = trial;
    const health = { state: "failed", code: "files_full" } as const;
    bench.facts = { ...bench.facts, files: { health, isReady: true } };
    bench.instruments.event({ name: "files.written", revision: "1-a", files: 3 });
    bench.instruments.event({ name: "files.written", revision: "1-b", files: 3 });
    bench.instruments.event({ name: "files.failed", code: "files_full", error: "full" });
    bench.instruments.event({ name: "files.removed", reason: "cache_expired" });
    assert.deepEqual(await trial.values("clef.files.state", "clef.files.state"), {
      none: 0,
      written: 0,
      failed: 1,
    });
    assert.deepEqual(await trial.values("clef.files.written"), { "": 2 });
    assert.deepEqual(await trial.values("clef.files.removed", "clef.files.reason"), {
      revoked: 0,
      artifact_expired: 0,
      cache_expired: 1,
      stopped: 0,
      unknown_age: 0,
    });
    const failures = await trial.values("clef.files.failures", "error.type");
    assert.equal(failures["files_full"], 1);
    assert.equal(failures["files_name"], 0);
  });

  test("say nothing of files where none are written", async (context) => {
    const exported = await (await Trial.begin(context)).exported();
    assert.deepEqual(
      [...exported.keys()].filter((name) => name.startsWith("clef.files.")),
      [],
    );
  });

  test("count requests by method, route and status, whatever names are asked for", async (context) => {
    const trial = await Trial.begin(context);
    for (let index = 0; index < 1_000; index++) await trial.asks(`/v1/secrets/KEY_${index}`, 404);
    await trial.asks("/v1/secrets/app/KEY", 200);
    await trial.asks("/v1/secrets?format=flat", 304);
    await trial.asks("/v1/keys", 200, "HEAD");
    await trial.asks("/v1/health", 200);
    await trial.asks("/nowhere/at/all", 404);
    await trial.asks("/v1/secrets", 405, "BREW");
    assert.deepEqual(
      await trial.values(
        "http.server.request.duration",
        "http.request.method",
        "http.route",
        "http.response.status_code",
        "error.type",
      ),
      {
        "GET /v1/secrets/:key 404 -": 1_000,
        "GET /v1/secrets/:namespace/:key 200 -": 1,
        "GET /v1/secrets 304 -": 1,
        "HEAD /v1/keys 200 -": 1,
        "GET /v1/health 200 -": 1,
        "GET - 404 -": 1,
        "_OTHER /v1/secrets 405 -": 1,
      },
    );
    assert.deepEqual(await trial.values("clef.secrets.reads"), { "": 3 });
  });

  test("count those without the right token", async (context) => {
    const trial = await Trial.begin(context);
    assert.deepEqual(await trial.values("clef.requests.unauthorized"), { "": 0 });
    await trial.asks("/v1/secrets", 401);
    await trial.asks("/v1/keys", 401);
    await trial.asks("/v1/keys", 403);
    assert.deepEqual(await trial.values("clef.requests.unauthorized"), { "": 2 });
  });

  test("time requests until they are answered, late ones too", async (context) => {
    const trial = await Trial.begin(context);
    await trial.asks("/v1/secrets", 200);
    await trial.waits("/v1/secrets", 200, 20);
    await trial.waits("/v1/secrets", 200, 11_000);
    const point = (await trial.exported()).get("http.server.request.duration")?.points[0];
    assert.deepEqual(point?.explicitBounds, DURATION_BOUNDS);
    const counts = point.bucketCounts;
    assert.equal(counts.length, DURATION_BOUNDS.length + 1);
    assert.deepEqual([counts[0], counts[2], counts.at(-1)], [1, 1, 1]);
    assert.ok(Math.abs(point.sum - 11.02) < 1e-9);
  });

  test("count a request whose handler fails as a 500", async (context) => {
    const trial = await Trial.begin(context);
    const failing = trial.bench.instruments.observe(() => Promise.reject(new Error("broken")));
    await assert.rejects(async () => failing(readRequest("GET", "/v1/keys", [])), /broken/);
    assert.deepEqual(
      await trial.values("http.server.request.duration", "http.response.status_code", "error.type"),
      { "500 500": 1 },
    );
  });

  test("do not time what a client wished to wait for a change", async (context) => {
    const trial = await Trial.begin(context);
    await trial.waits("/v1/secrets", 304, 60_000, 59_980);
    const points = (await trial.exported()).get("http.server.request.duration")?.points;
    assert.deepEqual(
      points?.map(({ sum }) => sum),
      [0.02],
    );
  });

  test("count no refresh and no scrape as a read", async (context) => {
    const trial = await Trial.begin(context);
    await trial.asks("/v1/refresh", 200, "POST");
    await trial.asks("/metrics", 200);
    await trial.asks("/v1/keys", 200);
    assert.deepEqual(await trial.values("clef.secrets.reads"), { "": 1 });
  });

  test("count attempts to refresh by outcome and reason", async (context) => {
    const trial = await Trial.begin(context);
    const { instruments } = trial.bench;
    instruments.attempted({ kind: "unchanged", etag: undefined });
    instruments.attempted({ kind: "unchanged", etag: undefined });
    const refused = new AgentError("rollback", "it is older");
    instruments.attempted({ kind: "invalid", error: refused, lasting: false });
    const failed = new AgentError("source_timeout", "no answer");
    instruments.attempted({ kind: "fetch_failed", error: failed });
    const attributes = ["clef.refresh.outcome", "error.type"];
    const values = await trial.values("clef.refresh.attempts", ...attributes);
    assert.deepEqual(Object.fromEntries(Object.entries(values).filter(([, count]) => count > 0)), {
      "unchanged -": 2,
      "invalid rollback": 1,
      "fetch_failed source_timeout": 1,
    });
  });

  test("of attempts start at zero for every outcome and reason, so that the first one is an increase", async (context) => {
    const trial = await Trial.begin(context);
    const attributes = ["clef.refresh.outcome", "error.type"];
    const values = await trial.values("clef.refresh.attempts", ...attributes);
    const reasons = REASON_CODES.filter((code) => code !== "expired" && code !== "revoked");
    const expected = [
      "accepted -",
      "unchanged -",
      "revoked -",
      "expired expired",
      ...reasons.map((code) => `invalid ${code}`),
      ...SOURCE_CODES.map((code) => `fetch_failed ${code}`),
    ];
    assert.deepEqual(Object.keys(values).toSorted(), expected.toSorted());
    assert.ok(Object.values(values).every((count) => count === 0));
  });

  test("count the starts of a command, its restarts, and its end by reason", async (context) => {
    const trial = await Trial.begin(context);
    const { instruments } = trial.bench;
    assert.deepEqual(
      [...(await trial.exported()).keys()].filter((name) => name.startsWith("clef.command")),
      [],
      "without a command there is nothing to tell",
    );
    instruments.event({ name: "command.started", revision: "1-a", keyCount: 1 });
    assert.deepEqual(await trial.values("clef.command.restarts"), { "": 0 });
    const reason = "secrets_changed";
    for (const revision of ["2-a", "3-a"]) {
      instruments.event({
        name: "command.restarted",
        reason,
        revision,
        keyCount: 1,
        exitCode: 143,
      });
    }
    instruments.event({ name: "command.stopped", reason: "revoked", exitCode: 1 });
    assert.deepEqual(await trial.values("clef.command.starts"), { "": 1 });
    assert.deepEqual(await trial.values("clef.command.restarts"), { "": 2 });
    assert.deepEqual(await trial.values("clef.command.stops", "clef.command.reason"), {
      exited: 0,
      not_started: 0,
      signal: 0,
      refused: 0,
      revoked: 1,
      failed: 0,
    });
  });

  test("tell of the disk cache", async (context) => {
    const trial = await Trial.begin(context);
    trial.bench.facts = {
      ...trial.bench.facts,
      diskCacheHoldsArtifact: true,
      diskCacheFailures: 1,
    };
    trial.bench.serves({}, "disk_cache");
    assert.deepEqual(await trial.values("clef.disk_cache.artifacts"), { "": 1 });
    assert.deepEqual(await trial.values("clef.disk_cache.restores"), { "": 1 });
    assert.deepEqual(await trial.values("clef.disk_cache.errors"), { "": 1 });
  });

  test("are sent within ten seconds, and then every minute", async (context) => {
    const trial = await Trial.begin(context);
    await trial.bench.clock.advance(10_000);
    await eventually("the first", () => trial.receiver.requests.length === 1);
    await trial.bench.clock.advance(54_000);
    assert.equal(trial.receiver.requests.length, 1);
    await trial.bench.clock.advance(6_000);
    await eventually("the second", () => trial.receiver.requests.length === 2);
  });

  test("that were refused are counted, point by point", async (context) => {
    const trial = await Trial.begin(context);
    trial.receiver.treatment = refusing(400);
    await trial.bench.clock.advance(10_000);
    await eventually("it is known", () => trial.bench.warnings().length === 1);
    trial.receiver.treatment = (response) => response.end("{}");
    const dropped = await trial.values(
      "clef.telemetry.dropped",
      "clef.telemetry.signal",
      "clef.telemetry.reason",
    );
    assert.ok((dropped["metrics refused"] ?? 0) > 10);
  });
});
