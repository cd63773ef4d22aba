/** The results as a table for people, and where they come from. */
import { execFileSync } from "node:child_process";
import { cpus, release } from "node:os";
import type { Comparison } from "./stats.ts";

export interface Row extends Comparison {
  readonly what: string;
  readonly unit: string;
  /** The ratio that we want to stay under, where there is one. */
  readonly target: number | undefined;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  /** With "+changes" where the working tree is not what was committed. */
  readonly commit: string;
  readonly date: string;
}

export function describeMachine(): Machine {
  const [cpu] = cpus();
  const commit = git("rev-parse", "--short", "HEAD");
  const changed = git("status", "--porcelain", "--untracked-files=no");
  return {
    cpu: cpu?.model ?? "unknown",
    cores: cpus().length,
    kernel: release(),
    node: process.version,
    commit:
      changed === undefined || changed === ""
        ? (commit ?? "unknown")
        : `${commit ?? "unknown"}+changes`,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Undefined outside a clone, such as in an unpacked archive. */
function git(...args: readonly string[]): string | undefined {
  try {
    return execFileSync("git", ["--no-optional-locks", ...args], {
      cwd: import.meta.dirname,
      encoding: "utf8",
    }).trim();
  } catch {
    return undefined;
  }
}

/** A spread that a quiet machine stays under. */
export const NOISE = 0.05;

/** A Markdown table, aligned so that it reads well in a terminal too. */
export function table(rows: readonly Row[]): string {
  const cells = [
    ["what", "agent", "bare", "ratio", "target"],
    ...rows.map((row) => [
      row.what,
      `${number(row.agent)} ${row.unit}`,
      `${number(row.bare)} ${row.unit}`,
      `${row.ratio.toFixed(2)} ±${row.spread.toFixed(2)}`,
      verdict(row),
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  );
  const lines = cells.map((line) => line.map((cell, column) => pad(cell, column, widths)));
  const rule = widths.map((width, column) => `${"-".repeat(width - 1)}${column === 0 ? "-" : ":"}`);
  const [head = [], ...body] = lines;
  return [head, rule, ...body].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function pad(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0;
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** Nothing is concluded where the target lies within what the ratios spread over. */
export function verdict({
  ratio,
  spread,
  target,
}: Pick<Row, "ratio" | "spread" | "target">): string {
  if (target === undefined) return "";
  const met = ratio <= target ? "met" : "not met";
  return `≤ ${target.toFixed(2)} ${spread > NOISE && Math.abs(ratio - target) < spread ? "too noisy to say" : met}`;
}

function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}
