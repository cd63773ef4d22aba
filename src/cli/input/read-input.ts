import { AgentError, systemCode } from "../../errors.ts";
import { named } from "../../keys/private-key-text.ts";
import { INPUT_PIPE_SILENCE_MS } from "../../limits.ts";
import { readBounded } from "../../system/read-file.ts";
import { isPipe, readPipe } from "../../system/read-pipe.ts";
import type { Io } from "../io.ts";

/**
 * Reads a file or pipe of at most `maxBytes`, or standard input for `-`.
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
    read = isPipe(path)
      ? readPipe(path, { maxBytes, silenceMs: INPUT_PIPE_SILENCE_MS })
      : await readBounded(path, maxBytes);
  } catch (error) {
    const code = systemCode(error);
    throw unreadable(
      path,
      code === "ENOENT" ? "does not exist" : `cannot be read (${code ?? "?"})`,
    );
  }
  switch (read.kind) {
    case "bytes":
      return read.bytes;
    case "too_large":
      throw unreadable(path, "is too large");
    case "not_a_file":
      throw unreadable(path, "is not a file");
    case "silent":
      throw unreadable(
        path,
        `is a pipe, and nothing was written into it within ${INPUT_PIPE_SILENCE_MS / 1_000} s`,
      );
  }
}

function unreadable(what: string, problem: string): AgentError {
  return new AgentError("input_unreadable", `${named(what)} ${problem}`);
}
