import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../errors.ts";
import { CA_DIRECTORY_MAX_FILES, KEY_FILE_MAX_BYTES } from "../limits.ts";
import { fileIdentity } from "../system/file-identity.ts";
import { readBounded } from "../system/read-file.ts";
import { certificatesIn, namedCertificates } from "./certificates.ts";
import type { NamedFile } from "./settings.ts";

/** What tells one state of all these files from the next. */
export async function stateOf(paths: readonly string[]): Promise<string> {
  const identities = await Promise.all(paths.map(fileIdentity));
  return identities.map((identity) => identity?.key ?? "-").join("\n");
}

/** @throws Error fit for an operator, which begins with the variable. */
export async function readNamed({ variable, path }: NamedFile): Promise<readonly string[]> {
  let problem: string;
  try {
    const read = await readBounded(path, KEY_FILE_MAX_BYTES);
    if (read.kind === "bytes") return namedCertificates(read.bytes.toString("latin1"));
    problem = read.kind === "too_large" ? "the file is too large" : "it is not a file";
  } catch (error) {
    const code = systemCode(error);
    problem =
      code === undefined && error instanceof Error
        ? error.message
        : `the file cannot be read (${code ?? "unknown error"})`;
  }
  throw new Error(`${variable}: ${problem}`);
}

/** The certificates in a file that nobody named; none where it cannot be read. */
export async function readUnnamed(path: string): Promise<readonly string[]> {
  try {
    const read = await readBounded(path, KEY_FILE_MAX_BYTES);
    return read.kind === "bytes" ? certificatesIn(read.bytes.toString("latin1")) : [];
  } catch {
    return [];
  }
}

/** The files in directories of certificates, as OpenSSL and others read them: all that are there. */
export async function filesIn(directories: readonly string[]): Promise<string[]> {
  const listed = await Promise.all(
    directories.map(async (directory) => {
      const names = await readdir(directory).catch(() => []);
      return names.filter((name) => !name.startsWith(".")).map((name) => join(directory, name));
    }),
  );
  return listed.flat().toSorted().slice(0, CA_DIRECTORY_MAX_FILES);
}
