/**
 * Breaks one rule of the agent after the other, and has the conformance suite find each.
 *
 *   npm run mutants                      all, with a table of which case found which
 *   npm run mutants -- --only Host       those whose name has this in it
 *   npm run mutants -- --write           puts the table into conformance/README.md
 *
 * Exit code 1 where one of them passes every case.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { buildMutant } from "./mutants/build-mutant.ts";
import { type Mutant, MUTANTS } from "./mutants/mutants.ts";
import { ROOT, runScript } from "./run.ts";

const README: string = path.join(ROOT, "conformance/README.md");
const [BEGIN, END] = ["<!-- mutants: made, do not edit -->", "<!-- end of mutants -->"];

/** The titles of the cases that failed on a mutant. */
async function caughtBy(mutant: Mutant): Promise<readonly string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "clef-agent-mutant-"));
  try {
    const main = await buildMutant(mutant, folder);
    const only = mutant.only.flatMap((what) => ["--only", what]);
    const suite = path.join(ROOT, "conformance/main.ts");
    const args = [suite, ...only, "--time-limit", "40", "--", process.execPath, main];
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [report] = await Promise.all([text(child.stdout), once(child, "exit")]);
    return [...report.matchAll(/^not ok \d+ - (.+) # time=/gm)].map(([, title = ""]) => title);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function row(mutant: Mutant, titles: readonly string[]): string {
  const [first = "nobody"] = titles;
  const others = titles.length > 1 ? `, and ${titles.length - 1} more` : "";
  const file = mutant.file.replace("src/", "");
  return `| it ${mutant.name} | \`${file}\` | ${first.replaceAll("|", String.raw`\|`)}${others} |`;
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: "string" }, write: { type: "boolean" } },
  });
  const chosen = MUTANTS.filter(({ name }) => name.includes(values.only ?? ""));
  const rows: string[] = [];
  const escaped: string[] = [];
  for (const mutant of chosen) {
    const titles = await caughtBy(mutant);
    if (titles.length === 0) escaped.push(mutant.name);
    rows.push(row(mutant, titles));
    console.log(
      `${titles.length === 0 ? "ESCAPED" : "caught "} it ${mutant.name}: ${titles.join("; ")}`,
    );
  }
  console.log(`mutants: ${chosen.length - escaped.length} of ${chosen.length} were found`);
  if (values.write === true) await writeTable(rows);
  if (escaped.length > 0) throw new Error(`mutants: nothing found: ${escaped.join("; ")}`);
}

async function writeTable(rows: readonly string[]): Promise<void> {
  const page = await readFile(README, "utf8");
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before === -1 || after === -1) throw new Error(`${README} has no place for the table`);
  const table = ["| what is broken | where | found by |", "| --- | --- | --- |", ...rows].join(
    "\n",
  );
  const whole = `${page.slice(0, before)}${BEGIN}\n\n${table}\n\n${page.slice(after)}`;
  await writeFile(README, whole);
}

await runScript(run);
