import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { AgentError, systemCode } from "../errors.ts";
import { ARTIFACT_MAX_BYTES } from "../limits.ts";
import { watchFile } from "../system/file-watch.ts";
import { type BoundedRead, readBounded } from "../system/read-file.ts";
import type { Source } from "./source.ts";

/**
 * A file on this machine; its etag is the hash of its bytes, since times can lie.
 *
 * @throws AgentError `source_unreadable` if it is a directory.
 */
export function fileSource(path: string): Source {
  const absolute = resolve(path);
  // A missing file may still come; a directory will not turn into an artifact.
  if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory()) {
    throw new AgentError(
      "source_unreadable",
      "CLEF_AGENT_SOURCE is a directory; name the packed artifact itself",
    );
  }
  return {
    type: "file",
    description: absolute,
    cacheKey: `file ${absolute}`,
    async fetch({ etag }) {
      const read = await readOrExplain(absolute);
      if (read.kind === "not_a_file") {
        throw problem(
          "source_unreadable",
          absolute,
          "is not a file; name the packed artifact itself",
        );
      }
      if (read.kind === "too_large") {
        throw problem("source_too_large", absolute, `is larger than ${ARTIFACT_MAX_BYTES} bytes`);
      }
      const hash = createHash("sha256").update(read.bytes).digest("hex");
      if (hash === etag) return { kind: "unchanged" };
      return { kind: "bytes", bytes: read.bytes, etag: hash };
    },
    watch: (onChange, signal) => watchFile(absolute, onChange, signal),
  };
}

async function readOrExplain(path: string): Promise<BoundedRead> {
  try {
    return await readBounded(path, ARTIFACT_MAX_BYTES);
  } catch (error) {
    switch (systemCode(error)) {
      case "ENOENT":
      case "ENOTDIR":
        throw problem("source_not_found", path, "does not exist");
      case "EACCES":
      case "EPERM":
        throw problem("source_forbidden", path, "may not be read by this user");
      case "EISDIR":
        throw problem("source_unreadable", path, "is a directory; name the packed artifact itself");
      case "EMFILE":
      case "ENFILE":
        throw problem(
          "source_unreadable",
          path,
          `cannot be opened, as no file descriptor is left (${systemCode(error) ?? "?"}); raise the limit of open files (ulimit -n, LimitNOFILE)`,
        );
      default:
        throw problem("source_unreadable", path, `cannot be read (${systemCode(error) ?? "?"})`);
    }
  }
}

function problem(
  code: "source_not_found" | "source_forbidden" | "source_unreadable" | "source_too_large",
  path: string,
  what: string,
): AgentError {
  return new AgentError(code, `${path} ${what} (CLEF_AGENT_SOURCE)`);
}
