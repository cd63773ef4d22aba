import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { freePort } from "../../scripts/free-port.ts";
import { AgentProcess, httpRequest } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack, VERIFY_KEY } from "../support/artifacts.ts";
import { cached, ROOT } from "../support/interop.ts";
import { Origin } from "../support/origin.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { SERIES } from "../support/prometheus-names.ts";
import { parsePrometheus } from "../support/prometheus-text.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const program = cached("otelcol-0.165.0", "otelcol");
const skip = program === undefined && "no OpenTelemetry collector here: .ci/install-collector";
const TOKEN = "a-token-for-the-collector";

/** OpenTelemetry's collector with the file in deploy/, but for addresses and paths of this machine. */
async function startCollector(t: TestContext, loki: OtlpReceiver): Promise<Collector> {
  const folder = await temporaryDirectory(t);
  const otlp = await freePort();
  const prometheus = await freePort();
  const file = await readFile(join(ROOT, "deploy/otel-collector/config.yaml"), "utf8");
  const here = new Map([
    ["/etc/otelcol/clef-telemetry-token", join(folder, "token")],
    ["0.0.0.0:4318", `127.0.0.1:${otlp}`],
    ["0.0.0.0:9464", `127.0.0.1:${prometheus}`],
    // The part of Loki that takes OTLP.
    ["http://loki:3100/otlp", loki.url],
  ]);
  let config = file;
  for (const [there, value] of here) {
    assert.equal(config.split(there).length, 2, there);
    config = config.replace(there, value);
  }
  // Its own metrics have a fixed port, which another collector on this machine may have.
  config += "  telemetry: { metrics: { level: none } }\n";
  await writeFile(join(folder, "token"), TOKEN);
  await writeFile(join(folder, "config.yaml"), config);
  const child = spawn(program ?? "", ["--config", join(folder, "config.yaml")]);
  t.after(() => void child.kill("SIGKILL"));
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
  await eventually("the collector is ready", () => log.includes("Everything is ready"), 20_000);
  return { otlp, prometheus, troubles: () => log.split("\n").filter(isTrouble) };
}

interface Collector {
  readonly otlp: number;
  readonly prometheus: number;
  /** Its warnings and errors. */
  troubles(): readonly string[];
}

const isTrouble = (line: string): boolean => /\t(?:warn|error)\t/.test(line);

test(
  "the collector's file brings an agent's metrics to Prometheus and its events to Loki",
  { skip },
  async (t) => {
    const loki = await OtlpReceiver.start(t);
    const collector = await startCollector(t, loki);
    const origin = await Origin.start(t);
    const secrets = { DB_URL: "postgres://db/app", CLEF_TELEMETRY_TOKEN: TOKEN };
    origin.artifact = await pack({ secrets, signed: true });
    const agent = AgentProcess.start(t, {
      CLEF_AGENT_SOURCE: origin.url,
      CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
      CLEF_AGENT_ID: "pod-1",
      CLEF_AGENT_TELEMETRY_URL: `http://127.0.0.1:${collector.otlp}/v1/logs`,
      CLEF_AGENT_PROBE_LISTEN: "127.0.0.1:0",
      OTEL_METRIC_EXPORT_INTERVAL: "500",
    });
    await agent.ready();
    assert.equal((await agent.get("/v1/secrets")).status, 200);

    const page = await eventually(
      "metrics to scrape",
      async () => {
        const { body } = await httpRequest(collector.prometheus, "/metrics", {});
        return body.includes("clef_secrets_reads_total") && body;
      },
      20_000,
    );
    const samples = page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const own = samples.filter((line) => !line.startsWith("target_info"));
    for (const sample of own) {
      const [, name = "", labels = ""] = /^(\w+)\{(.*)\} /.exec(sample) ?? [];
      assert.ok(SERIES.has(name), sample);
      for (const label of [
        'clef_identity="api-gateway"',
        'clef_environment="production"',
        'instance="pod-1"',
      ]) {
        assert.ok(labels.includes(label), `${label} in ${sample}`);
      }
    }
    const refused = own.filter((line) => line.includes('clef_refresh_outcome="invalid"'));
    assert.ok(
      refused.length > 10 && refused.every((line) => line.endsWith(" 0")),
      refused.join("\n"),
    );

    const probes = await agent.logged("probes", ({ message }) => message === "answering probes");
    await eventually(
      "the same series, scraped from the agent",
      async () => {
        const sent = await httpRequest(collector.prometheus, "/metrics", {});
        const port = Number(String(probes["address"]).split(":").at(-1));
        const scraped = await httpRequest(port, "/metrics", {});
        return isDeepStrictEqual(seriesIn(scraped.body), seriesIn(sent.body));
      },
      20_000,
    );

    await eventually("events in Loki", () => loki.events.length >= 2, 20_000);
    const names = loki.events.map(({ name, eventName }) => [name, eventName]);
    assert.deepEqual(names.slice(0, 2), [
      ["agent.started", "clef.agent.started"],
      ["artifact.refreshed", "clef.artifact.refreshed"],
    ]);
    assert.deepEqual(collector.troubles(), []);
  },
);

/** The agent's series by name and labels, without what only one of the two ways to Prometheus adds. */
function seriesIn(text: string): ReadonlySet<string> {
  return new Set(
    parsePrometheus(text)
      .flatMap(({ samples }) => samples)
      .filter(({ name }) => SERIES.has(name))
      .map(({ name, labels }) => {
        const own = Object.entries(labels).filter(
          ([label]) => label !== "job" && label !== "instance" && SERIES.get(name)?.has(label),
        );
        return `${name} ${own
          .map((pair) => pair.join("="))
          .toSorted()
          .join()}`;
      }),
  );
}

test("the collector's file lets nobody in without the token", { skip }, async (t) => {
  const collector = await startCollector(t, await OtlpReceiver.start(t));
  for (const path of ["/v1/logs", "/v1/metrics"]) {
    const answer = await httpRequest(
      collector.otlp,
      path,
      { authorization: "Bearer wrong" },
      "POST",
    );
    assert.equal(answer.status, 401, path);
  }
});
