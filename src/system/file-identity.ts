import { realpath, stat } from "node:fs/promises";

export interface FileIdentity {
  /** Where the path leads, all links followed. */
  readonly target: string;
  /** Another one for every other state of the file. */
  readonly key: string;
}

/** What tells one state of a file from the next without reading it; undefined if it is not there. */
export async function fileIdentity(path: string): Promise<FileIdentity | undefined> {
  try {
    const target = await realpath(path);
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(target, { bigint: true });
    return { target, key: [target, dev, ino, size, mtimeNs, ctimeNs].join(" ") };
  } catch {
    return undefined;
  }
}
