import { AgentError, systemCode } from "../errors.ts";
import { readBounded } from "../system/read-file.ts";
import type { Io } from "./io.ts";

/**
 * Reads a file of at most `maxBytes`, or standard input for `-`.
 *
 * @throws AgentError `input_unreadable`.
 */
export async function readInput(path: string, maxBytes: number, io: Io): Promise<Buffer> {
  if (path === "-") {
    const bytes = await io.stdin();
    if (bytes.length > maxBytes) throw unreadable("standard input", "is too large");
    return bytes;
  }
  let read;
  try {
    read = await readBounded(path, maxBytes);
  } catch (error) {
    const code = systemCode(error);
    throw unreadable(
      path,
      code === "ENOENT" ? "does not exist" : `cannot be read (${code ?? "?"})`,
    );
  }
  if (read.kind === "bytes") return read.bytes;
  throw unreadable(path, read.kind === "too_large" ? "is too large" : "is not a file");
}

function unreadable(what: string, problem: string): AgentError {
  return new AgentError("input_unreadable", `${what} ${problem}`);
}
