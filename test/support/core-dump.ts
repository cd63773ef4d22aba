import { spawn } from "node:child_process";
import { closeSync, createReadStream, openSync, readFileSync, readSync } from "node:fs";
import { rm } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";

/** Why no core dump can be taken here, or undefined where it can. */
export async function whyNoCoreDump(): Promise<string | undefined> {
  if (process.platform !== "linux") return "core dumps of a running process need Linux";
  // Without arguments it prints its usage, if it is there.
  const found = await run("gcore", []).then(
    () => true,
    () => false,
  );
  return found ? undefined : "gcore is not installed (package gdb)";
}

/** Takes a core dump of the process and counts the needles in it. The dump is removed. */
export async function countInCoreDump(
  pid: number,
  directory: string,
  needles: readonly Buffer[],
): Promise<{ readonly bytes: number; readonly count: number }> {
  const prefix = join(directory, "core");
  const { code, output } = await run("gcore", ["-o", prefix, String(pid)]);
  if (code !== 0) throw new Error(`gcore failed: ${output}`);
  const path = `${prefix}.${pid}`;
  try {
    return await countInFile(path, needles);
  } finally {
    await rm(path);
  }
}

async function countInFile(
  path: string,
  needles: readonly Buffer[],
): Promise<{ readonly bytes: number; readonly count: number }> {
  const longest = Math.max(...needles.map((needle) => needle.length));
  let bytes = 0;
  let count = 0;
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 8 * 1024 * 1024 })) {
    const window = Buffer.concat([tail, chunk as Buffer]);
    bytes += (chunk as Buffer).length;
    // What starts in the last bytes may end in the next chunk, and is counted there.
    const end = window.length - longest + 1;
    for (const needle of needles) count += occurrences(window, needle, end);
    tail = window.subarray(Math.max(0, end));
  }
  for (const needle of needles) count += occurrences(tail, needle, tail.length);
  return { bytes, count };
}

function occurrences(haystack: Buffer, needle: Buffer, end: number): number {
  let count = 0;
  for (let at = haystack.indexOf(needle); at !== -1 && at < end; count++) {
    at = haystack.indexOf(needle, at + 1);
  }
  return count;
}

async function run(
  command: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  await once(child, "close");
  return { code: child.exitCode, output };
}

/** Counts the needle in all that the process can write to now: faster than a dump, and stopped as long. */
export function countInMemory(pid: number, needle: Buffer): number {
  process.kill(pid, "SIGSTOP");
  const memory = openSync(`/proc/${pid}/mem`, "r");
  try {
    let count = 0;
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      if (from === undefined || to === undefined) continue;
      const start = Number.parseInt(from, 16);
      const bytes = Buffer.alloc(Number.parseInt(to, 16) - start);
      const length = readSync(memory, bytes, 0, bytes.length, start);
      count += occurrences(bytes.subarray(0, length), needle, length);
    }
    return count;
  } finally {
    closeSync(memory);
    process.kill(pid, "SIGCONT");
  }
}
