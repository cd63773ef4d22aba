import { readFileSync } from "node:fs";

/** What `/proc/<pid>/stat` says of a process (proc_pid_stat(5)). */
export interface ProcessStat {
  /** One letter; `Z` has ended, and nobody has fetched its exit code. */
  readonly state: string;
  readonly group: number;
  /** 0 is no terminal. */
  readonly terminal: number;
  /** The process group in front of the terminal. */
  readonly foregroundGroup: number;
}

/** @returns undefined where there is no such process, or no /proc. */
export function processStat(pid: number | "self"): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}

/** @returns undefined for what does not look like it. */
export function parseStat(text: string): ProcessStat | undefined {
  // The second field is the program's name in brackets, which may hold brackets and spaces itself.
  const fields = text
    .slice(text.lastIndexOf(")") + 1)
    .trim()
    .split(" ");
  const [state = "", , group = "", , terminal = "", foregroundGroup = ""] = fields;
  if (foregroundGroup === "") return undefined;
  return {
    state,
    group: Number(group),
    terminal: Number(terminal),
    foregroundGroup: Number(foregroundGroup),
  };
}
