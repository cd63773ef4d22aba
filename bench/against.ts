/** This working tree beside the agent of another commit, so that a regression can be told from noise. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT, runCommand } from "../scripts/run.ts";
import { measureMemory } from "./memory.ts";
import { type Row, table } from "./report.ts";
import { measureServing } from "./serving.ts";
import { measureStartup } from "./startup.ts";
import { type Change, changeOf, type Comparison, median } from "./stats.ts";
import { type Case, secretName, TWENTY, Workspace } from "./workspace.ts";

/**
 * @param given - a revision, or `documented` for the commit that docs/performance.md says CI compares with.
 * @returns the exit code: 1 where something has become worse than in that commit.
 */
export async function against(
  given: string,
  plan: Plan,
  progress: (text: string) => void,
): Promise<number> {
  const revision = given === "documented" ? documentedCommit() : given;
  if (!(await isHere(revision))) {
    progress(`${revision} is not in this clone, so nothing is compared`);
    return given === "documented" ? 0 : 1;
  }
  await using workspace = await Workspace.open();
  progress(`building ${revision}`);
  await using other = await OtherCommit.build(revision);
  const quantities = await quantitiesOf(workspace, other, plan);
  const rows: Row[] = [];
  let failed = false;
  for (const { what, unit, measure } of quantities) {
    progress(what);
    const first = await measureLives(measure, plan.lives);
    // Told by two of them, so that a minute in which the machine did something else fails nobody.
    const isWorse = first.change === "worse";
    const last = isWorse ? await measureLives(measure, plan.lives) : first;
    rows.push({ what, unit, target: undefined, ...last.comparison });
    const { ratio, spread } = last.comparison;
    if (last.change !== "no worse") {
      progress(`${last.change}: ${what}, ${ratio.toFixed(2)} ±${spread.toFixed(2)}`);
    }
    failed ||= isWorse && last.change === "worse";
  }
  console.log(`\nbare: ${revision}\n\n${table(rows)}\n`);
  return failed ? 1 : 0;
}

interface Plan {
  readonly lives: number;
  readonly blocksPerLife: number;
}

interface Quantity {
  readonly what: string;
  readonly unit: string;
  /** In one life of both agents, or a few starts. */
  readonly measure: () => Promise<Comparison>;
}

/** Measures in one life after the other. @returns the medians, and what the ratios say together. */
async function measureLives(
  measure: Quantity["measure"],
  lives: number,
): Promise<{ readonly comparison: Comparison; readonly change: Change }> {
  const measured: Comparison[] = [];
  for (let life = 0; life < lives; life++) measured.push(await measure());
  const ratios = measured.map(({ ratio }) => ratio);
  const comparison = {
    agent: median(measured.map(({ agent }) => agent)),
    bare: median(measured.map(({ bare }) => bare)),
    ratio: median(ratios),
    spread: (Math.max(...ratios) - Math.min(...ratios)) / 2,
  };
  return { comparison, change: changeOf(ratios) };
}

/** The commit that the document says CI compares with. */
function documentedCommit(): string {
  const text = readFileSync(path.join(ROOT, "docs/performance.md"), "utf8");
  const commit = /CI compares with commit ([0-9a-f]{7,40})/.exec(text)?.[1];
  if (commit === undefined) throw new Error("docs/performance.md names no commit");
  return commit;
}

function isHere(revision: string): Promise<boolean> {
  const commit = `${revision}^{commit}`;
  return runCommand("git", ["-C", ROOT, "rev-parse", "--quiet", "--verify", commit]).then(
    () => true,
    () => false,
  );
}

/** The built agent of another commit, in a folder of its own. */
class OtherCommit {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  get dist(): string {
    return path.join(this.#folder, "tree/dist");
  }

  /** @throws Error if there is no such commit, or it cannot be built. */
  static async build(revision: string): Promise<OtherCommit> {
    const other = new OtherCommit(await mkdtemp(path.join(tmpdir(), "clef-agent-other-")));
    const tree = path.join(other.#folder, "tree");
    await runCommand("git", ["-C", ROOT, "worktree", "add", "--detach", "--quiet", tree, revision]);
    const differs = ["-C", ROOT, "diff", "--quiet", revision, "--", "package-lock.json"];
    const isSameLock = await runCommand("git", differs).then(
      () => true,
      () => false,
    );
    if (isSameLock) {
      await symlink(path.join(ROOT, "node_modules"), path.join(tree, "node_modules"));
    } else {
      await runCommand("npm", ["ci", "--silent", "--prefix", tree]);
    }
    await runCommand(process.execPath, [path.join(tree, "scripts/build.ts")]);
    return other;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
    await runCommand("git", ["-C", ROOT, "worktree", "prune"]);
  }
}

async function quantitiesOf(
  workspace: Workspace,
  other: OtherCommit,
  { blocksPerLife }: Plan,
): Promise<readonly Quantity[]> {
  const cases: readonly (readonly [string, Case, number])[] = [
    ["20 keys", TWENTY, 5_000],
    ["1,000 keys", { ...TWENTY, keys: 1_000 }, 3_000],
    ["one of 20 keys", { keys: 20, path: `${TWENTY.path}/${secretName(7)}` }, 5_000],
    ["just-in-time, 20 keys", { ...TWENTY, justInTime: true }, 1_000],
  ];
  const quantities: Quantity[] = [];
  for (const [label, what, requestsPerRound] of cases) {
    const start = await workspace.againstStarters(what, other.dist);
    quantities.push({
      what: `${label}: server CPU per request`,
      unit: "µs",
      measure: async () => {
        const plan = { ...what, requestsPerRound, lives: 1, blocksPerLife };
        return (await measureServing(start, plan)).cpuMicros;
      },
    });
  }
  const start = await workspace.againstStarters(TWENTY, other.dist);
  return [
    ...quantities,
    {
      what: "spawn to first secret",
      unit: "ms",
      measure: () => measureStartup(start, 2 * blocksPerLife),
    },
    {
      what: "anonymous memory, idle",
      unit: "MiB",
      measure: async () => (await measureMemory(start, { starts: 1, requests: 1_000 })).idle,
    },
  ];
}
