/**
 * libatomic, which Node.js is linked with for Linux and which not every system has: where it is found,
 * whether Lambda could load it, and under which licence it is passed on.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { outputOf, ROOT } from "../run.ts";
import { HOST } from "./targets.ts";

/** The name under which the loader looks for it. */
export const LIBATOMIC_NAME = "libatomic.so.1";

/** The minor version of the glibc 2 of Amazon Linux 2023, which the oldest runtimes have that can run Node.js. */
const GLIBC_MINOR = 34;

/** Where an ELF file says for which processor it is, and what it says (System V ABI, `e_machine`). */
const MACHINE_AT = 18;
const MACHINES: ReadonlyMap<string, number> = new Map([
  ["linux-x64", 62],
  ["linux-arm64", 183],
]);

/**
 * The path of the libatomic that the loader of this machine takes for this executable.
 *
 * @throws Error if the executable is for another machine, or there is none.
 */
export async function libatomicHere(target: string, executable: string): Promise<string> {
  if (target !== HOST) {
    throw new Error(`${HOST} has no ${LIBATOMIC_NAME} for ${target}; name one with --libatomic`);
  }
  const linked = await outputOf("ldd", [executable]);
  const found = /^\s*libatomic\.so\.1 => (\/\S+)/m.exec(linked)?.[1];
  if (found !== undefined) return found;
  throw new Error(`there is no ${LIBATOMIC_NAME} here; install it or name one with --libatomic`);
}

/** Why Lambda could not load this library for that target, or undefined where it can. */
export function libatomicProblem(library: Buffer, target: string): string | undefined {
  if (library.subarray(0, 4).toString("latin1") !== "\x7fELF" || library.length < 64) {
    return "is no shared library";
  }
  if (library.readUInt16LE(MACHINE_AT) !== MACHINES.get(target)) return `is not for ${target}`;
  // Its own name, and what it needs of glibc, stand in its string table. ABI_… is newer than Lambda's glibc.
  const strings = library.toString("latin1");
  if (!strings.includes(`\0${LIBATOMIC_NAME}\0`)) return `is not ${LIBATOMIC_NAME}`;
  for (const [, need = ""] of strings.matchAll(/\0GLIBC_([\w.]+)(?=\0)/g)) {
    const minor = /^2\.(\d+)(?:\.\d+)?$/.exec(need)?.[1];
    if (minor === undefined || Number(minor) > GLIBC_MINOR) {
      return `needs glibc ${need}, and Lambda has 2.${GLIBC_MINOR}; name an older one with --libatomic`;
    }
  }
  return undefined;
}

/** The licences of what is in the bundle, and of libatomic beside it. */
export async function thirdPartyLicensesWithLibatomic(): Promise<string> {
  const bundled = await readFile(path.join(ROOT, "dist/THIRD-PARTY-LICENSES.txt"), "utf8");
  return `${bundled.trimEnd()}\n\n${LICENCE}`;
}

const LICENCE = `${"-".repeat(80)}
${LIBATOMIC_NAME} GPL-3.0-or-later WITH GCC-exception-3.1

A library of GCC, unchanged, as the system it was taken from ships it. Copyright (C) the Free Software
Foundation, Inc. It is free software under the GNU General Public License, version 3 or later
(https://www.gnu.org/licenses/gpl-3.0.html), with the GCC Runtime Library Exception, version 3.1
(https://www.gnu.org/licenses/gcc-exception-3.1.html). Its source is part of GCC:
https://gcc.gnu.org/
`;
