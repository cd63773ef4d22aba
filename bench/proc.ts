/** What Linux knows of another process, without that process taking part. */
import { readdirSync, readFileSync } from "node:fs";

/** CPU time of all threads so far, in microseconds; the kernel counts it in nanoseconds. */
export function cpuMicros(pid: number): number {
  let nanos = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    // Its first field; /proc/<pid>/schedstat itself counts the main thread only.
    const [running = "0"] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ");
    nanos += Number(running);
  }
  return nanos / 1000;
}

/** Memory that belongs to the process alone, in MiB: heap, buffers, stacks; no mapped files. */
export function anonymousMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`no RssAnon in /proc/${pid}/status`);
  return Number(kib) / 1024;
}
