#!/usr/bin/env node
/** The conformance suite as a command; README.md says what it is. */
import { CAPABILITIES, type FoundCase, titleOf } from "./suite/case.ts";
import { casesFolder, discover } from "./suite/discover.ts";
import { isChosen, type Options, readOptions, USAGE, UsageError } from "./suite/options.ts";
import { Report } from "./suite/report.ts";
import { runCases } from "./suite/runner.ts";
import { readRules } from "./suite/specification.ts";
import { UNSEEN } from "./suite/unseen.ts";

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const all = await discover(casesFolder(import.meta.dirname));
  const cases = all.filter((found) => isChosen(found, options.only));
  if (cases.length === 0) throw new UsageError(`--only ${options.only.join(" ")}: no such case`);
  if (options.list) return list(cases);
  return run(cases, options);
}

function list(cases: readonly FoundCase[]): number {
  for (const found of cases) {
    const needs = found.needs === undefined ? "" : ` (${found.needs.join(", ")})`;
    process.stdout.write(`${found.chapter}: ${titleOf(found)}${needs}\n`);
  }
  for (const [rule, reason] of Object.entries(UNSEEN)) {
    process.stdout.write(`${rule} has no case: ${reason}\n`);
  }
  return 0;
}

async function run(cases: readonly FoundCase[], options: Options): Promise<number> {
  const report = new Report((text) => process.stdout.write(text), readRules(import.meta.dirname));
  report.begin(cases.length);
  for (const name of options.without) {
    process.stdout.write(`# without ${name}: ${CAPABILITIES[name]}\n`);
  }
  await runCases(cases, options, (found, result) => report.add(found, result));
  return report.end() ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`clef-agent-conformance: ${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
