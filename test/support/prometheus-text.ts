import assert from "node:assert/strict";

export interface PrometheusSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: PrometheusSample[];
}

/** Reads the text format 0.0.4 of Prometheus strictly: what it does not allow fails the test. */
export function parsePrometheus(text: string): readonly PrometheusFamily[] {
  assert.ok(text.endsWith("\n"));
  const families: PrometheusFamily[] = [];
  const seen = new Set<string>();
  let help: readonly string[] = [];
  for (const line of text.slice(0, -1).split("\n")) {
    const [, name = "", rest = ""] = /^# (?:HELP|TYPE) (\w+) (.+)$/.exec(line) ?? [];
    if (line.startsWith("# HELP")) {
      help = [name, rest];
    } else if (line.startsWith("# TYPE")) {
      assert.equal(help[0], name, line);
      families.push({ name, type: rest, help: help[1] ?? "", samples: [] });
    } else {
      const family = families.at(-1);
      assert.ok(family, line);
      const sample = parseSample(line);
      const suffixes = family.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
      assert.ok(
        suffixes.some((suffix) => sample.name === family.name + suffix),
        line,
      );
      const series = line.slice(0, line.lastIndexOf(" "));
      assert.ok(!seen.has(series), `twice: ${line}`);
      seen.add(series);
      family.samples.push(sample);
    }
  }
  return families;
}

function parseSample(line: string): PrometheusSample {
  const [, name = "", , inner = "", value = ""] =
    /^([A-Za-z_:][\w:]*)(\{(.*)\})? (\S+)$/.exec(line) ?? [];
  assert.notEqual(name, "", line);
  const labels: Record<string, string> = {};
  let left = inner;
  while (left !== "") {
    const [whole, label = "", text = ""] =
      /^([A-Za-z_]\w*)="((?:[^"\\]|\\["\\n])*)",?/.exec(left) ?? [];
    assert.ok(whole !== undefined, line);
    assert.ok(!(label in labels), line);
    labels[label] = text.replaceAll(/\\(.)/g, (_, escaped: string) =>
      escaped === "n" ? "\n" : escaped,
    );
    left = left.slice(whole.length);
  }
  assert.ok(/^[-+\d.eE]+$/.test(value), line);
  return { name, labels, value: Number(value) };
}
