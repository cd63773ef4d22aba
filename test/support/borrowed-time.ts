import { globSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Lifetime, temporaryDirectory } from "./temporary.ts";

/** Lets the test set the wall clock of a process; undefined where it is not installed. */
export const LIBFAKETIME: string | undefined = globSync(
  "/usr/lib/{,*/}faketime/libfaketime.so.1",
)[0];

/** A clock for one process that the test sets forward. */
export async function borrowedTime(
  t: Lifetime,
): Promise<{ env: Record<string, string>; goesOn: (seconds: number) => Promise<void> }> {
  const directory = await temporaryDirectory(t);
  const file = join(directory, "clock");
  await writeFile(file, "+0");
  return {
    env: {
      LD_PRELOAD: LIBFAKETIME ?? "",
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
    },
    async goesOn(seconds) {
      await writeFile(join(directory, "next"), `${seconds < 0 ? "" : "+"}${seconds}`);
      await rename(join(directory, "next"), file);
    },
  };
}
