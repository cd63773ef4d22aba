import { createHash } from "node:crypto";

type Files = ReadonlyMap<string, Buffer>;

/** The id that git gives to a file's contents. */
export function blobId(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** A repository as a code host keeps it: branches and tags, each at a commit with its files. */
export class Repository {
  defaultBranch: string | undefined = "main";
  readonly branches = new Map<string, string>();
  readonly tags = new Map<string, string>();
  readonly #commits = new Map<string, Files>();

  /** Commits one file onto a branch; undefined removes it. Gives the commit's hash. */
  commit(branch: string, path: string, bytes: Uint8Array | undefined): string {
    const files = new Map(this.#commits.get(this.branches.get(branch) ?? ""));
    if (bytes === undefined) files.delete(path);
    else files.set(path, Buffer.from(bytes));
    const hash = createHash("sha1").update(`${this.#commits.size} ${branch} ${path}`).digest("hex");
    this.#commits.set(hash, files);
    this.branches.set(branch, hash);
    return hash;
  }

  /** The commit that a branch, a tag, `HEAD` or a hash means. */
  resolve(ref: string): string | undefined {
    const branch = ref === "HEAD" ? this.defaultBranch : ref;
    if (branch === undefined) return undefined;
    return (
      this.branches.get(branch) ??
      this.tags.get(branch) ??
      (this.#commits.has(branch) ? branch : undefined)
    );
  }

  file(hash: string, path: string): Buffer | undefined {
    return this.#commits.get(hash)?.get(path);
  }
}
