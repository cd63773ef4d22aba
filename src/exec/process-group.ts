import { readdirSync } from "node:fs";
import { systemCode } from "../errors.ts";
import { processStat } from "./proc-stat.ts";

/**
 * Whether a process of this group is still running. One that has ended and that nobody has fetched is not:
 * as process 1 the agent has such children for good.
 */
export function groupLives(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (error) {
    // EPERM: there is one, of another user.
    return systemCode(error) === "EPERM";
  }
  const states = groupStates(group);
  return states === undefined || states.some((state) => state !== "Z" && state !== "X");
}

/** The states of all processes of a group; undefined where there is no /proc. */
function groupStates(group: number): readonly string[] | undefined {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        const stat = processStat(Number(pid));
        return stat?.group === group ? [stat.state] : [];
      });
  } catch {
    return undefined;
  }
}
