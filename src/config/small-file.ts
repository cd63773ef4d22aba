import { closeSync, openSync, readSync } from "node:fs";
import { AgentError, systemCode } from "../errors.ts";
import { KEY_FILE_MAX_BYTES, KEY_PIPE_SILENCE_MS } from "../limits.ts";
import { isPipe, readPipe } from "../system/read-pipe.ts";

/**
 * Reads a file that the configuration names. No further than a key can be long: the path may lead to
 * a device without an end, or to a pipe into which nobody writes.
 *
 * @throws Error with a message fit for an operator, without the path.
 */
export function readSmallFile(path: string): string {
  try {
    if (isPipe(path)) return readSmallPipe(path);
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(KEY_FILE_MAX_BYTES + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.length; length += read) {
        read = readSync(file, bytes, length, bytes.length - length, null);
      }
      if (length === bytes.length) throw new AgentError("config_invalid", "the file is too large");
      return bytes.toString("utf8", 0, length);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const code = systemCode(error);
    if (code === "ENOENT") throw new Error("the file does not exist", { cause: error });
    throw new Error(`the file cannot be read (${code ?? "unknown error"})`, { cause: error });
  }
}

function readSmallPipe(path: string): string {
  const read = readPipe(path, { maxBytes: KEY_FILE_MAX_BYTES, silenceMs: KEY_PIPE_SILENCE_MS });
  switch (read.kind) {
    case "bytes":
      return read.bytes.toString("utf8");
    case "silent":
      throw new AgentError(
        "config_invalid",
        `it is a pipe, and nothing was written into it within ${KEY_PIPE_SILENCE_MS / 1_000} s; give a file, or start what writes it`,
      );
    case "too_large":
      throw new AgentError("config_invalid", "the file is too large");
  }
}
