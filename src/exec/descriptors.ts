import { closeSync, readdirSync, readFileSync } from "node:fs";

/** O_CLOEXEC of Linux, as /proc/<pid>/fdinfo writes it (proc_pid_fdinfo(5)), in octal. */
const CLOSED_ON_EXEC = 0o2_000_000;

/**
 * Closes what the agent's parent left open above standard error: the command would get it too. All that
 * this process opened itself is closed on exec already. Where there is no /proc, Node.js marks the first
 * sixteen or so at its start.
 */
export function closeInheritedDescriptors(): void {
  for (const descriptor of openDescriptors()) {
    if (descriptor > 2 && isInherited(descriptor)) closeSync(descriptor);
  }
}

function openDescriptors(): readonly number[] {
  try {
    return readdirSync("/proc/self/fd").map(Number);
  } catch {
    return [];
  }
}

function isInherited(descriptor: number): boolean {
  try {
    const info = readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1");
    const [, flags = ""] = /^flags:\s+([0-7]+)$/m.exec(info) ?? [];
    return flags !== "" && (Number.parseInt(flags, 8) & CLOSED_ON_EXEC) === 0;
  } catch {
    // It was that of the directory that listed it.
    return false;
  }
}
