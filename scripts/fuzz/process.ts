import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { lookAt } from "./board.ts";
import { type Orders, writeOrders } from "./orders.ts";
import { parseReport, type Report, REPORTS_FD, UNCAUGHT_CODE } from "./reports.ts";

/** One input that runs for this long has hung, however busy the machine is. */
const HANGS_MS = 300_000;
/** So much longer it may take to begin. */
const TO_BEGIN = 3;
const LOOK_MS = 1_000;

/** How the process of a target ended, and the last input that it ran. */
export interface Ended {
  readonly how: "done" | "hung" | "stopped" | "uncaught" | { readonly crash: string };
  readonly input: Buffer;
  readonly run: number;
}

export interface Start {
  /** The bundle. */
  readonly file: string;
  readonly orders: Omit<Orders, "board">;
  /** @returns whether it may go on. */
  readonly onReport: (report: Report) => boolean;
  /** Milliseconds after which one input has hung; `HANGS_MS` without it. */
  readonly hangsMs?: number;
}

/**
 * Runs the loop in a process of its own, whose one thread is the target's, and watches it from this one: so it can be
 * ended whatever it does, and what ends Node.js itself ends it alone.
 */
export async function runLoop({
  file,
  orders,
  onReport,
  hangsMs = HANGS_MS,
}: Start): Promise<Ended> {
  const directory = await mkdtemp(path.join(tmpdir(), "clef-agent-fuzz-"));
  const ordersFile = path.join(directory, "orders.json");
  const board = path.join(directory, "board");
  writeOrders(ordersFile, { ...orders, board });
  const child = spawn(process.execPath, [file, ordersFile], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const closed = once(child, "close");
  let how: Ended["how"] | undefined;
  const reports = child.stdio[REPORTS_FD] as Readable;
  createInterface({ input: reports }).on("line", (line) => {
    const report = parseReport(line);
    if (report.kind === "end") how ??= "done";
    if (onReport(report)) return;
    how ??= "stopped";
    child.kill("SIGKILL");
  });
  let last = { run: -1, sinceMs: performance.now() };
  const watch = setInterval(() => {
    const { run } = lookAt(board);
    if (run !== last.run) last = { run, sinceMs: performance.now() };
    const limitMs = run === 0 ? TO_BEGIN * hangsMs : hangsMs;
    if (performance.now() - last.sinceMs < limitMs) return;
    how ??= run === 0 ? { crash: "it did not begin" } : "hung";
    child.kill("SIGKILL");
  }, LOOK_MS);
  const [code, signal] = (await closed) as [number | null, string | null];
  clearInterval(watch);
  const { input, run } = lookAt(board);
  await rm(directory, { recursive: true });
  how ??= code === UNCAUGHT_CODE ? "uncaught" : { crash: signal ?? `code ${code}` };
  return { how, input, run };
}
