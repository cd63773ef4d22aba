import { closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { systemCode } from "../errors.ts";
import { PIPE_POLL_MS } from "../limits.ts";

export type PipeRead =
  | { readonly kind: "bytes"; readonly bytes: Buffer<ArrayBuffer> }
  /** Nothing came for as long as was to be waited. */
  | { readonly kind: "silent" }
  | { readonly kind: "too_large" };

export interface PipeLimits {
  readonly maxBytes: number;
  /** Milliseconds without a byte. */
  readonly silenceMs: number;
}

/**
 * Whether a path leads to a pipe: a named one, or one of this process, as a shell's `<(…)` makes it.
 *
 * @throws the file system's own error, such as `ENOENT`.
 */
export function isPipe(path: string): boolean {
  return statSync(path).isFIFO();
}

/**
 * Reads a pipe until its writer closes it, and blocks meanwhile. Opening one plainly would block for ever
 * where nobody writes. A named pipe is waited on for its first writer; a pipe of this process has had
 * its own.
 *
 * @throws the file system's own error.
 */
export function readPipe(path: string, { maxBytes, silenceMs }: PipeLimits): PipeRead {
  const isOwn = /^\/(?:dev|proc\/[^/]+)\/fd\//.test(path);
  const pipe = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (let silentSince = Date.now(); Date.now() - silentSince < silenceMs;) {
      const count = readNow(pipe, bytes, length);
      if (count === 0 && (length > 0 || isOwn)) {
        return { kind: "bytes", bytes: bytes.subarray(0, length) };
      }
      if (count === undefined || count === 0) {
        sleep(PIPE_POLL_MS);
        continue;
      }
      length += count;
      if (length > maxBytes) return { kind: "too_large" };
      silentSince = Date.now();
    }
    return { kind: "silent" };
  } finally {
    closeSync(pipe);
  }
}

/** @returns 0 where there is no writer, undefined where there is one that has not written yet. */
function readNow(pipe: number, bytes: Buffer, at: number): number | undefined {
  try {
    return readSync(pipe, bytes, at, bytes.length - at, null);
  } catch (error) {
    if (systemCode(error) === "EAGAIN") return undefined;
    throw error;
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
