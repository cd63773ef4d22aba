import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parse } from "yaml";
import { SEVERITY } from "../../src/telemetry/events.ts";
import { codesIn, tableUnder, textOf } from "../support/docs-markdown.ts";
import { problemsOfQuery, SERIES } from "../support/prometheus-names.ts";

const GUIDE = textOf("docs/telemetry.md");

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly labels: { readonly severity: string };
      readonly annotations: { readonly summary: string; readonly description: string };
    }[];
  }[];
}

interface Dashboard {
  readonly templating: { readonly list: readonly { readonly query: unknown }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

interface Collector {
  readonly extensions: object;
  readonly receivers: object;
  readonly processors: object;
  readonly exporters: object;
  readonly service: {
    readonly extensions: readonly string[];
    readonly pipelines: Readonly<
      Record<string, Readonly<Record<"receivers" | "processors" | "exporters", readonly string[]>>>
    >;
  };
}

describe("a query is refused", () => {
  for (const [what, query] of [
    ["that does not parse", "sum by (clef_identity (clef_secrets_age_seconds)"],
    ["for a series that does not exist", "clef_secret_age_seconds > 1"],
    ["for a label that does not exist", 'clef_secrets_state{state="fresh"}'],
    ["for a label of another series", "sum by (le) (clef_secrets_age_seconds)"],
    ["for nothing", "1 + 1"],
  ] as const) {
    test(what, () => {
      assert.notDeepEqual(problemsOfQuery(query), []);
    });
  }
});

describe("the alert rules", () => {
  const { groups } = parse(textOf("deploy/prometheus/clef-agent.rules.yaml")) as Rules;
  const rules = groups.flatMap((group) => group.rules);

  for (const { alert, expr, labels, annotations } of rules) {
    test(`${alert} asks for what there is`, () => {
      assert.deepEqual(problemsOfQuery(expr), []);
      assert.match(labels.severity, /^(?:critical|warning|info)$/);
      assert.ok(annotations.summary !== "" && annotations.description !== "");
    });
  }

  test("are those that the guide explains", () => {
    assert.deepEqual(
      tableUnder(GUIDE, "Alerts").map(([name = ""]) => codesIn(name).join()),
      rules.map(({ alert }) => alert),
    );
  });
});

describe("the dashboard", () => {
  const dashboard = JSON.parse(textOf("deploy/grafana/clef-agent.json")) as Dashboard;
  const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  for (const { title, targets } of dashboard.panels) {
    test(`asks for what there is: ${title}`, () => {
      assert.ok(targets.length > 0);
      for (const { expr } of targets) {
        // Grafana puts a duration in its place.
        assert.deepEqual(problemsOfQuery(expr.replaceAll("$__rate_interval", "5m")), []);
      }
    });
  }

  test("shows every metric", () => {
    const unseen = [...SERIES.keys()].filter((name) => !name.endsWith("_sum"));
    assert.deepEqual(
      unseen.filter((name) => !queries.some((query) => query.includes(name))),
      [],
    );
  });
});

describe("the configuration of the collector", () => {
  const file = textOf("deploy/otel-collector/config.yaml");
  const { service, ...components } = parse(file) as Collector;

  test("names no component that it does not configure, and uses all of them", () => {
    const used = { extensions: new Set(service.extensions) } as Record<string, Set<string>>;
    for (const pipeline of Object.values(service.pipelines)) {
      for (const [kind, names] of Object.entries(pipeline)) {
        const known = (used[kind] ??= new Set());
        for (const name of names) known.add(name);
      }
    }
    for (const [kind, configured] of Object.entries(components)) {
      assert.deepEqual(
        [...(used[kind] ?? [])].toSorted(),
        Object.keys(configured).toSorted(),
        kind,
      );
    }
  });

  test("takes what the agent sends, where the guide sends it", () => {
    assert.deepEqual(Object.keys(service.pipelines).toSorted(), ["logs", "metrics"]);
    assert.ok(file.includes("endpoint: 0.0.0.0:4318"));
  });

  for (const path of ["deploy/otel-collector/config.yaml", "deploy/prometheus/prometheus.yaml"]) {
    test(`in the guide is ${path}`, () => {
      assert.ok(GUIDE.includes(`\`\`\`yaml\n${textOf(path)}\`\`\``));
    });
  }
});

test("the guide says of every event what it means for the person on call", () => {
  const rows = tableUnder(GUIDE, "On call");
  assert.deepEqual(
    rows.map(([name = ""]) => codesIn(name).join()).toSorted(),
    Object.keys(SEVERITY).toSorted(),
  );
  for (const [name = "", meaning = "", advice = ""] of rows) {
    assert.ok(meaning !== "" && advice !== "", name);
  }
});
