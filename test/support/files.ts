import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Directory } from "../../src/files/directory.ts";
import { fileSet, type SetFile } from "../../src/files/file-set.ts";
import type { FilesFormat } from "../../src/config/files.ts";
import type { FileOptions } from "../../src/files/write-files.ts";
import { writeSet } from "../../src/files/write-set.ts";
import { snapshotOf } from "./snapshots.ts";
import type { Lifetime } from "./temporary.ts";

/** The file system in memory that every Linux has. */
const MEMORY = "/dev/shm";

/** A directory in memory of this test's own, gone when it ends. */
export function memoryDirectory(context: Lifetime): string {
  const directory = mkdtempSync(join(MEMORY, "clef-agent-test-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A directory held open for as long as the test runs. */
export function held(context: Lifetime, path: string): Directory {
  const root = Directory.open(path);
  context.after(() => root.close());
  return root;
}

/** The files that secrets become in these formats. */
export function filesFrom(secrets: unknown, ...formats: FilesFormat[]): readonly SetFile[] {
  return fileSet(snapshotOf(secrets).snapshot, formats, []);
}

/** What a format makes of secrets, by path. */
export function made(secrets: unknown, ...formats: FilesFormat[]): Record<string, string> {
  return Object.fromEntries(
    filesFrom(secrets, ...formats).map(({ path, make }) => [path.join("/"), make().toString()]),
  );
}

export function optionsFor(root: Directory): FileOptions {
  return {
    mode: 0o440,
    group: root.stat().gid,
    groupRefused: () => undefined,
    sync: false,
  };
}

/** Writes secrets as the agent does, with a record that says nothing. */
export function put(root: Directory, secrets: unknown, ...formats: FilesFormat[]): string {
  const files = filesFrom(secrets, ...(formats.length === 0 ? (["keys"] as const) : formats));
  return writeSet({ ...optionsFor(root), root, files, record: () => "record\n" });
}

/** What a reader finds: the content of every file by its path, through the visible links. */
export function visible(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(directory).filter((each) => !each.startsWith(".."))) {
    const path = join(directory, name);
    try {
      found[name] = readFileSync(path, "utf8");
    } catch {
      for (const inner of readdirSync(path)) {
        found[`${name}/${inner}`] = readFileSync(join(path, inner), "utf8");
      }
    }
  }
  return found;
}

/** Every name there is in a directory, hidden ones too. */
export function namesIn(directory: string): readonly string[] {
  return readdirSync(directory).toSorted();
}
