import * as fs from "node:fs";
import { join } from "node:path";
import { systemCode } from "../errors.ts";
import { underUmask } from "../system/under-umask.ts";

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
// Undefined on Windows, whatever the types say.
const O_DIRECTORY: number | undefined = fs.constants.O_DIRECTORY;
const O_NOFOLLOW: number | undefined = fs.constants.O_NOFOLLOW;

/** Something else than the agent's directory is where it was. */
export class MovedError extends Error {}

/**
 * One directory, held open. Whatever becomes of its path, through links or renames, what is done here is
 * done in it and nowhere else: on Linux by way of `/proc/self/fd`, which is what `openat` and its kin do;
 * elsewhere its path is compared with what is held open just before. No method follows a link in the last
 * step. Names have no slash. Every method throws the file system's own error.
 *
 * Synchronous, so that nothing of the agent's own comes between two steps.
 */
export class Directory {
  readonly #fd: number;
  readonly #path: string;

  private constructor(fd: number, path: string) {
    this.#fd = fd;
    this.#path = path;
  }

  /** Opens the operator's directory; links in `path` are followed, as they are the operator's. */
  static open(path: string): Directory {
    return new Directory(fs.openSync(path, O_RDONLY | (O_DIRECTORY ?? 0)), path);
  }

  openDirectory(name: string): Directory {
    const path = this.#at(name);
    const flags = O_RDONLY | (O_DIRECTORY ?? 0) | (O_NOFOLLOW ?? 0);
    return new Directory(fs.openSync(path, flags), join(this.#path, name));
  }

  /**
   * Makes a directory that only its owner can enter, whatever the umask, and opens it.
   *
   * @throws MovedError if another one took its place meanwhile.
   */
  makeDirectory(name: string): Directory {
    underUmask(0o077, () => fs.mkdirSync(this.#at(name), { mode: 0o700 }));
    const made = this.openDirectory(name);
    if (made.isOwn(this) && made.isIn(this) && made.list().length === 0) return made;
    made.close();
    throw new MovedError();
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  stat(): fs.Stats {
    return fs.fstatSync(this.#fd);
  }

  /** The type of its file system, as `statfs` gives it. */
  fileSystemType(): number {
    return fs.statfsSync(this.#at(".")).type;
  }

  list(): readonly string[] {
    return fs.readdirSync(this.#at("."));
  }

  lstat(name: string): fs.Stats | undefined {
    return fs.lstatSync(this.#at(name), { throwIfNoEntry: false });
  }

  /** The text of the link `name`; undefined if there is none, or something else. */
  readLink(name: string): string | undefined {
    try {
      return fs.readlinkSync(this.#at(name));
    } catch (error) {
      if (["ENOENT", "EINVAL"].includes(systemCode(error) ?? "")) return undefined;
      throw error;
    }
  }

  link(target: string, name: string): void {
    fs.symlinkSync(target, this.#at(name));
  }

  rename(from: string, to: string): void {
    fs.renameSync(this.#at(from), this.#at(to));
  }

  /** Removes a link or a file, if it is there. */
  unlink(name: string): void {
    unlessGone(() => fs.unlinkSync(this.#at(name)));
  }

  /** Removes an empty directory, if it is there. */
  removeDirectory(name: string): void {
    unlessGone(() => fs.rmdirSync(this.#at(name)));
  }

  /** A path by which a socket of this name can be bound or reached. */
  socketPath(name: string): string {
    return this.#at(name);
  }

  /** Opens a file of this name that was not there before; only its owner may read or write it. */
  createFile(name: string): number {
    return fs.openSync(this.#at(name), O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), 0o600);
  }

  /** Opens a file for reading, without waiting for a pipe. */
  openFile(name: string): number {
    return fs.openSync(this.#at(name), O_RDONLY | (O_NOFOLLOW ?? 0) | fs.constants.O_NONBLOCK);
  }

  /** Lets its owner change what is in it. */
  allowChanges(): void {
    if ((this.stat().mode & 0o300) !== 0o300) this.chmod(0o700);
  }

  /** Waits until a disk has its names. */
  sync(): void {
    fs.fsyncSync(this.#fd);
  }

  chmod(mode: number): void {
    fs.fchmodSync(this.#fd, mode);
  }

  /** @param group - its id. */
  chown(group: number): void {
    fs.fchownSync(this.#fd, this.stat().uid, group);
  }

  /** Whether it belongs to this process's user and lies on the file system of `root`. */
  isOwn(root: Directory): boolean {
    const { uid, dev } = this.stat();
    return uid === (process.geteuid?.() ?? uid) && dev === root.stat().dev;
  }

  /** Whether it lies directly in `parent` now. */
  isIn(parent: Directory): boolean {
    return sameFile(fs.statSync(this.#at("..")), parent.stat());
  }

  #at(name: string): string {
    if (hasProc()) return `/proc/self/fd/${this.#fd}/${name}`;
    const held = this.stat();
    const there = fs.statSync(this.#path, { throwIfNoEntry: false });
    if (there === undefined || !sameFile(held, there)) throw new MovedError();
    return join(this.#path, name);
  }
}

export function sameFile(one: fs.Stats, other: fs.Stats): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

function unlessGone(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

let proc: boolean | undefined;

/** Whether `/proc` leads to what this process holds open; looked up once. */
function hasProc(): boolean {
  proc ??= process.platform === "linux" && fs.existsSync("/proc/self/fd");
  return proc;
}
