/** A second look at the test files in which something failed, each alone on the machine. */
import path from "node:path";
import { type Failure, failuresIn } from "./failures.ts";
import { ROOT } from "./run.ts";

/** More than these did not fail by accident. */
const MOST = 8;

/** A run of test files: its exit code, and where the reporter of failures wrote. */
export interface Run {
  readonly exitCode: number;
  readonly failures: string;
}

export interface Second {
  readonly exitCode: number;
  /** What failed at first and did not alone. */
  readonly passedAlone: readonly Failure[];
}

/**
 * Runs the files once more in which something failed, if that can be told and they are few.
 *
 * @param files - those of the first run, from the top folder.
 */
export async function onceMore(
  first: Run,
  files: readonly string[],
  runAlone: (files: readonly string[]) => Promise<Run>,
): Promise<Second> {
  const failed = await failuresIn(first.failures);
  const again = new Set(failed.map((failure) => fileOf(failure, files)));
  const known = [...again].filter((file) => file !== undefined).toSorted();
  if (known.length === 0 || known.length < again.size || known.length > MOST) {
    return { exitCode: first.exitCode, passedAlone: [] };
  }
  console.log(`test: ${known.join(", ")} once more, alone`);
  const second = await runAlone(known);
  const failedAgain = await failuresIn(second.failures);
  const still = new Set(failedAgain.map((failure) => fileOf(failure, files)));
  const passed = failed.filter((failure) => !still.has(fileOf(failure, files)));
  return { exitCode: second.exitCode, passedAlone: still.has(undefined) ? [] : passed };
}

/** The test file of a failure; undefined where it cannot be told. */
function fileOf({ entry, file }: Failure, files: readonly string[]): string | undefined {
  return [entry, file]
    .map((name) => path.relative(ROOT, name))
    .find((name) => files.includes(name));
}

/** In one line, so that it is seen and mended. */
export function told(passedAlone: readonly Failure[], files: readonly string[]): string {
  const tests = passedAlone.map((failure) => `${fileOf(failure, files)}: ${failure.name}`);
  return `failed at first, passed alone: ${tests.join("; ")}`;
}
