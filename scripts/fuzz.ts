/**
 * Coverage-guided fuzzing of all that reads what strangers write; see docs/reliability.md.
 *
 *   npm run fuzz                              every target, 20 seconds each
 *   npm run fuzz -- --seconds 600 http        one target for longer
 *   npm run fuzz -- --runs 1000000 http       so many inputs, if the seconds suffice
 *   npm run fuzz -- --grow                    keeps what led to new branches in test/fuzz/corpus
 *   npm run fuzz -- --untaken config          shows the lines of the branches that nothing took
 *
 * A finding is written to test/fuzz/findings, where `npm test` runs it from then on, and ends with code 1. All
 * of them are shown once more at the end, and left in dist/fuzz/findings.txt.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { TARGETS } from "./fuzz/corpus.ts";
import { fuzzTarget } from "./fuzz/fuzz-target.ts";
import { ROOT, runScript } from "./run.ts";

const FINDINGS = path.join(ROOT, "dist/fuzz/findings.txt");

await runScript(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "20" },
      runs: { type: "string", default: String(Number.MAX_SAFE_INTEGER) },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      grow: { type: "boolean", default: false },
      untaken: { type: "boolean", default: false },
    },
  });
  const unknown = positionals.find((name) => !TARGETS.includes(name));
  if (unknown !== undefined)
    throw new Error(`no target ${unknown}; there are ${TARGETS.join(", ")}`);
  const { grow, untaken } = values;
  const seconds = Number(values.seconds);
  const runs = Number(values.runs);
  const seed = Number(values.seed);
  if (!(seconds >= 0 && runs >= 0 && seed >= 0)) {
    throw new Error("--seconds, --runs and --seed are numbers");
  }
  console.log(`fuzz: seed ${seed}`);
  await rm(FINDINGS, { force: true });
  const wrong: string[] = [];
  for (const name of positionals.length === 0 ? TARGETS : positionals) {
    wrong.push(...(await fuzzTarget(name, { seconds, runs, seed, grow, untaken })));
  }
  if (wrong.length === 0) return;
  const summary = [`fuzz: seed ${seed}, what is wrong:`, ...wrong].join("\n");
  await mkdir(path.dirname(FINDINGS), { recursive: true });
  await writeFile(FINDINGS, `${summary}\n`);
  throw new Error(summary);
});
