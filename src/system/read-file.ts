import { open } from "node:fs/promises";

export type BoundedRead =
  | { readonly kind: "bytes"; readonly bytes: Buffer<ArrayBuffer> }
  | { readonly kind: "not_a_file" }
  | { readonly kind: "too_large" };

/**
 * Reads a whole regular file of at most `maxBytes`; a device, a pipe or a directory is not waited on.
 *
 * @throws the file system's own error, such as `ENOENT` or `EACCES`.
 */
export async function readBounded(path: string, maxBytes: number): Promise<BoundedRead> {
  // O_NONBLOCK, so that opening a named pipe does not hang.
  const file = await open(path, process.platform === "win32" ? "r" : 0o4000);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return { kind: "not_a_file" };
    let bytes = Buffer.allocUnsafeSlow(Math.min(stats.size, maxBytes) + 1);
    let length = 0;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- each read goes on where the last one ended
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) return { kind: "bytes", bytes: bytes.subarray(0, length) };
      length += bytesRead;
      if (length > maxBytes) return { kind: "too_large" };
      if (length === bytes.length) bytes = grown(bytes, maxBytes);
    }
  } finally {
    await file.close();
  }
}

/** The file grew while it was read: room for twice as much, up to one byte over the limit. */
function grown(bytes: Buffer<ArrayBuffer>, maxBytes: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(Math.min(bytes.length * 2, maxBytes + 1));
  bytes.copy(larger);
  return larger;
}
