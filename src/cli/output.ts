import type { Stats } from "node:fs";
import { appendFile, lstat, mkdir, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { isReplaceable } from "../artifact/replaceable.ts";
import { AgentError, systemCode } from "../errors.ts";
import { named } from "../keys/private-key-text.ts";
import { ARTIFACT_MAX_BYTES } from "../limits.ts";
import { replaceFile, writeFileAtomically } from "../system/atomic-write.ts";
import { readBounded } from "../system/read-file.ts";

/** What stands at a path before something is written there. */
type Target =
  | { readonly kind: "nothing" }
  /** At its own path, behind all links. */
  | { readonly kind: "file"; readonly path: string }
  /** A terminal, a pipe, `/dev/null`: bytes go into it, and it stays. */
  | { readonly kind: "stream" };

/** Whether a path is this process's standard output, which may be a socket that cannot be opened. */
export function isStandardOutput(path: string): boolean {
  return ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].includes(path);
}

/**
 * Writes a packed artifact or a marker: as a new file, in the place of another artifact, whose mode and
 * links stay, and its owner where this user may keep it, or into a device or pipe. Anything else that is
 * there may be somebody's only copy.
 *
 * @param force - replaces any file.
 * @throws AgentError `output_failed`; what was there before is still there then.
 */
export async function writeArtifact(path: string, text: string, force: boolean): Promise<void> {
  try {
    const target = await targetAt(path);
    switch (target.kind) {
      case "nothing":
        await mkdir(dirname(path), { recursive: true });
        await writeFileAtomically(path, text, 0o644);
        break;
      case "file":
        if (!force) await checkReplaceable(path, target.path);
        await replaceFile(target.path, text);
        break;
      case "stream":
        await appendFile(path, text);
    }
  } catch (error) {
    if (error instanceof AgentError) throw error;
    throw failed(path, `cannot be written (${systemCode(error) ?? "?"})`);
  }
}

async function targetAt(path: string): Promise<Target> {
  const stats = await orNothing(stat(path));
  if (stats === undefined) {
    if ((await orNothing(lstat(path))) === undefined) return { kind: "nothing" };
    throw failed(path, "is a link to nothing; name the file itself, or remove the link");
  }
  if (stats.isDirectory()) throw failed(path, "is a directory; name a file in it");
  if (stats.isCharacterDevice() || stats.isFIFO() || isDescriptor(path, stats)) {
    return { kind: "stream" };
  }
  if (!stats.isFile()) throw failed(path, "is neither a file nor a pipe, and stays as it is");
  return { kind: "file", path: await realpath(path) };
}

/** A file that the shell has opened for us, as `/dev/stdout`. */
function isDescriptor(path: string, stats: Stats): boolean {
  return stats.isFile() && /^\/(?:dev\/(?:stdout|stderr|fd\/)|proc\/(?:self|\d+)\/fd\/)/.test(path);
}

async function checkReplaceable(given: string, path: string): Promise<void> {
  const read = await readBounded(path, ARTIFACT_MAX_BYTES);
  if (read.kind === "bytes" && isReplaceable(read.bytes)) return;
  throw failed(
    given,
    "exists already and is no packed artifact, so it is not overwritten; choose another file, or give --force if nobody needs it",
  );
}

async function orNothing(looked: Promise<Stats>): Promise<Stats | undefined> {
  try {
    return await looked;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function failed(path: string, problem: string): AgentError {
  return new AgentError("output_failed", `${named(path)} ${problem}`);
}
