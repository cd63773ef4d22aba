import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { parse } from "yaml";
import { AgentProcess, httpRequest } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { promtool, ROOT, run } from "../support/interop.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const command = promtool();
const skip = command === undefined && "promtool is missing: .ci/install-interop";
const RULES = "deploy/prometheus/clef-agent.rules.yaml";
const TESTS = "test/interop/prometheus/alerts.yaml";

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[];
}

interface Tests {
  readonly tests: readonly {
    readonly alert_rule_test: readonly {
      readonly alertname: string;
      readonly exp_alerts: readonly unknown[];
    }[];
  }[];
}

/** What promtool says of the rules, after a change to their text. */
async function verdict(
  t: TestContext,
  change: (rules: string) => string = (rules) => rules,
): Promise<{ readonly status: number | null; readonly output: string }> {
  const folder = await temporaryDirectory(t);
  await cp(join(ROOT, TESTS), join(folder, "alerts.yaml"));
  const rules = await readFile(join(ROOT, RULES), "utf8");
  await writeFile(join(folder, "clef-agent.rules.yaml"), change(rules));
  const { status, stdout, stderr } = run(command ?? "", [
    "test",
    "rules",
    join(folder, "alerts.yaml"),
  ]);
  return { status, output: stdout + stderr };
}

describe("Prometheus", { skip }, () => {
  test("fires each alert when it should, and not before", async (t) => {
    const { status, output } = await verdict(t);
    assert.equal(status, 0, output);
  });

  test("fails these tests when a rule is changed", async (t) => {
    const { status } = await verdict(t, (rules) => rules.replace(">= 3", ">= 30"));
    assert.notEqual(status, 0);
  });

  test("takes deploy/prometheus/prometheus.yaml", () => {
    const checked = run(command ?? "", ["check", "config", "deploy/prometheus/prometheus.yaml"]);
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
  });
});

test(
  "Prometheus' own linter has nothing to say of what an agent gives to scrape",
  { skip },
  async (t) => {
    const file = join(await temporaryDirectory(t), "artifact.json");
    await writeFile(file, await pack());
    const agent = AgentProcess.start(t, {
      CLEF_AGENT_SOURCE: file,
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
      CLEF_AGENT_PROBE_LISTEN: "127.0.0.1:0",
    });
    await agent.ready();
    await agent.get("/v1/secrets/NOPE");
    const line = await agent.logged("probes", ({ message }) => message === "answering probes");
    const port = Number(String(line["address"]).split(":").at(-1));
    const { body } = await httpRequest(port, "/metrics", {});
    const input = { input: body, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(command ?? "", ["check", "metrics"], input);
    assert.deepEqual([status, stdout, stderr], [0, "", ""]);
  },
);

test("every alert has a unit test that fires, and one that does not", async () => {
  const rules = parse(await readFile(join(ROOT, RULES), "utf8")) as Rules;
  const { tests } = parse(await readFile(join(ROOT, TESTS), "utf8")) as Tests;
  const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test);
  for (const { alert } of rules.groups.flatMap((group) => group.rules)) {
    const firing = cases.filter(({ alertname }) => alertname === alert);
    assert.ok(
      firing.some(({ exp_alerts }) => exp_alerts.length > 0),
      alert,
    );
    assert.ok(
      firing.some(({ exp_alerts }) => exp_alerts.length === 0),
      alert,
    );
  }
});
