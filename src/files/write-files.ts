import * as fs from "node:fs";
import { systemCode } from "../errors.ts";
import type { Directory } from "./directory.ts";
import type { SetFile } from "./file-set.ts";

/** How files come to be in a directory. */
export interface FileOptions {
  /** Permission bits of files; directories have them with the matching search bits. */
  readonly mode: number;
  /** The group's id. */
  readonly group: number;
  /** Called where the group cannot be set. */
  readonly groupRefused: (code: string) => void;
  /** Whether to wait until a disk has it all; memory needs no waiting. */
  readonly sync: boolean;
}

/** Makes the files of a set in a directory that nobody else can enter yet, and opens it to its readers. */
export function writeFiles(
  revision: Directory,
  files: readonly SetFile[],
  options: FileOptions,
): void {
  const directories = new Map<string, Directory>();
  try {
    for (const { path, make } of files) {
      const [top, inner] = path;
      let directory = revision;
      if (inner !== undefined) {
        directory = directories.get(top) ?? revision.makeDirectory(top);
        directories.set(top, directory);
      }
      const bytes = make();
      try {
        writeFile(directory, inner ?? top, bytes, options);
      } finally {
        bytes.fill(0);
      }
    }
    for (const directory of [...directories.values(), revision]) {
      setGroup(directory.stat(), options, () => directory.chown(options.group));
      directory.chmod(options.mode | ((options.mode & READ) >> 2));
      if (options.sync) directory.sync();
    }
  } finally {
    for (const directory of directories.values()) directory.close();
  }
}

export function writeFile(
  directory: Directory,
  name: string,
  bytes: Buffer,
  options: FileOptions,
): void {
  const fd = directory.createFile(name);
  try {
    for (let at = 0; at < bytes.length;) at += fs.writeSync(fd, bytes, at);
    const stats = fs.fstatSync(fd);
    setGroup(stats, options, () => fs.fchownSync(fd, stats.uid, options.group));
    // After the group, as a change of owner can take bits away, and by chmod, which no umask narrows.
    fs.fchmodSync(fd, options.mode);
    if (options.sync) fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function setGroup({ gid }: fs.Stats, { group, groupRefused }: FileOptions, set: () => void): void {
  if (gid === group) return;
  try {
    set();
  } catch (error) {
    groupRefused(systemCode(error) ?? "?");
  }
}

/** The bits that let owner, group and others read. */
const READ = 0o444;
