/** This working tree beside the agent of another commit, so that a regression can be told from noise. */
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT, runCommand } from "../scripts/run.ts";
import { measureMemory } from "./memory.ts";
import { type Row, table } from "./report.ts";
import { measureServing } from "./serving.ts";
import { measureStartup } from "./startup.ts";
import type { Comparison } from "./stats.ts";
import { type Case, secretName, TWENTY, Workspace } from "./workspace.ts";

interface Plan {
  readonly lives: number;
  readonly blocksPerLife: number;
}

/** @returns the exit code: 1 where something has become worse than in that commit. */
export async function against(
  revision: string,
  plan: Plan,
  progress: (text: string) => void,
): Promise<number> {
  await using workspace = await Workspace.open();
  progress(`building ${revision}`);
  await using other = await OtherCommit.build(revision);
  const { rows, worse } = await compareCommits(workspace, other, plan);
  console.log(`\nbare: ${revision}\n\n${table(rows)}\n`);
  for (const line of worse) progress(line);
  return worse.length === 0 ? 0 : 1;
}

/** What may be lost without a word; less is not seen from one start to the next. */
const ALLOWED = 0.03;

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

interface Compared {
  /** In the place of the bare server, the other commit. */
  readonly rows: readonly Row[];
  /** One line for each quantity that has become worse, beyond what the ratios spread over. */
  readonly worse: readonly string[];
}

async function compareCommits(
  workspace: Workspace,
  other: OtherCommit,
  plan: Plan,
): Promise<Compared> {
  const rows: Row[] = [];
  const add = (what: string, unit: string, comparison: Comparison): void => {
    rows.push({ what, unit, target: undefined, ...comparison });
  };
  const cases: readonly (readonly [string, Case, number])[] = [
    ["20 keys", TWENTY, 15_000],
    ["1,000 keys", { ...TWENTY, keys: 1_000 }, 8_000],
    ["one of 20 keys", { keys: 20, path: `${TWENTY.path}/${secretName(7)}` }, 15_000],
    ["just-in-time, 20 keys", { ...TWENTY, justInTime: true }, 3_000],
  ];
  for (const [label, what, requestsPerRound] of cases) {
    const start = await workspace.againstStarters(what, other.dist);
    const { cpuMicros } = await measureServing(start, { ...what, requestsPerRound, ...plan });
    add(`${label}: server CPU per request`, "µs", cpuMicros);
  }
  const start = await workspace.againstStarters(TWENTY, other.dist);
  add("spawn to first secret", "ms", await measureStartup(start, 10 * plan.lives));
  const memory = await measureMemory(start, { starts: plan.lives, requests: 100_000 });
  add("anonymous memory, idle", "MiB", memory.idle);
  const worse = rows
    .filter(({ ratio, spread }) => ratio - spread > 1 + ALLOWED)
    .map(({ what, ratio, spread }) => `worse: ${what}, ${ratio.toFixed(2)} ±${spread.toFixed(2)}`);
  return { rows, worse };
}
