import type { FilesFormat } from "../config/files.ts";
import { AgentError } from "../errors.ts";
import type { Entry } from "../store/payload-index.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { copySecret } from "../system/copy-secret.ts";
import { secretBuffer } from "../system/secret-buffer.ts";
import { dotenvFile } from "./dotenv.ts";
import { putString } from "../store/json-string.ts";
import { checkPaths, type FilePath, pathOf } from "./names.ts";
import { bytesOf } from "../system/secret-bytes.ts";

/** One file of a set. */
export interface SetFile {
  readonly path: FilePath;
  /**
   * Its content, in a buffer of its own that the caller wipes.
   *
   * @throws AgentError if what the secrets are cannot be written so.
   */
  readonly make: () => Buffer;
}

/** Renders one file from the secrets. */
export interface Template {
  readonly name: string;
  /** @throws AgentError `files_template`. */
  readonly render: (secrets: Snapshot) => Buffer;
}

/**
 * The files that a revision becomes. Their content is made one file after the other, so that no second
 * copy of all secrets exists; a caller who puts nothing in place before all were made loses nothing to an
 * error in the last.
 *
 * @throws AgentError `files_name` where a name cannot be a file, or two would be one.
 */
export function fileSet(
  secrets: Snapshot,
  formats: readonly FilesFormat[],
  templates: readonly Template[],
): readonly SetFile[] {
  const files = [
    ...formats.flatMap((format) => filesOf(format, secrets)),
    ...templates.map(({ name, render }): SetFile => ({
      path: [name],
      make: () => render(secrets),
    })),
  ];
  checkPaths(files.map(({ path }) => path));
  return files;
}

function filesOf(format: FilesFormat, secrets: Snapshot): readonly SetFile[] {
  switch (format) {
    case "keys":
      return secrets.index.entries.map((entry) => ({
        path: pathOf(entry),
        make: () => valueBytes(secrets, entry),
      }));
    case "json":
      return [{ path: ["secrets.json"], make: () => copyOf(secrets.nested) }];
    case "dotenv":
      return [{ path: ["secrets.env"], make: () => dotenvFile(secrets) }];
  }
}

/**
 * The bare value of a secret, in a buffer of its own that the caller wipes.
 *
 * @throws AgentError `files_value` for half of a surrogate pair, which has no bytes.
 */
export function valueBytes(secrets: Snapshot, entry: Entry): Buffer {
  return bytesOf((put) => {
    if (putString(secrets.nested, entry.value, put)) return;
    throw new AgentError(
      "files_value",
      `the value of "${entry.name}" has half of a surrogate pair, which is no text; pack it again, or use the format json alone (CLEF_AGENT_FILES_FORMAT)`,
    );
  });
}

function copyOf(bytes: Buffer): Buffer {
  const copy = secretBuffer(bytes.length);
  copySecret(copy, 0, bytes, 0, bytes.length);
  return copy;
}
