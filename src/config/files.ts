import type { EnvReader } from "./env-reader.ts";

export const FILES_FORMATS = ["keys", "json", "dotenv"] as const;
export type FilesFormat = (typeof FILES_FORMATS)[number];

/** Secrets as files (contract, section 9). */
export interface FilesConfig {
  readonly directory: string;
  readonly formats: readonly FilesFormat[];
  /** The directory of the templates; undefined where there are none. */
  readonly templates: string | undefined;
  /** Permission bits of the files. */
  readonly mode: number;
  /** Whether a directory on a disk will do. */
  readonly onDisk: "refuse" | "allow";
}

const OTHERS = [
  "CLEF_AGENT_FILES_FORMAT",
  "CLEF_AGENT_FILES_TEMPLATES",
  "CLEF_AGENT_FILES_MODE",
  "CLEF_AGENT_FILES_ON_DISK",
] as const;

/** @returns undefined where no files are asked for. */
export function readFiles(reader: EnvReader): FilesConfig | undefined {
  const directory = reader.text("CLEF_AGENT_FILES_DIR");
  const config = {
    formats: readFormats(reader),
    templates: reader.text("CLEF_AGENT_FILES_TEMPLATES"),
    mode: readMode(reader),
    onDisk: reader.oneOf("CLEF_AGENT_FILES_ON_DISK", ["refuse", "allow"]) ?? "refuse",
  };
  if (directory !== undefined) return { ...config, directory };
  const alone = OTHERS.filter((name) => reader.text(name) !== undefined);
  if (alone.length > 0) {
    reader.fail(
      "config_missing",
      `${alone.join(", ")} without CLEF_AGENT_FILES_DIR: name the directory to write to`,
    );
  }
  return undefined;
}

function readFormats(reader: EnvReader): readonly FilesFormat[] {
  const names = reader.text("CLEF_AGENT_FILES_FORMAT")?.split(",") ?? ["keys"];
  const formats = names.map((name) => FILES_FORMATS.find((format) => format === name.trim()));
  const known = formats.filter((format) => format !== undefined);
  if (known.length < formats.length) {
    reader.fail(
      "config_invalid",
      `CLEF_AGENT_FILES_FORMAT must be one or more of ${FILES_FORMATS.join(", ")}, separated by commas`,
    );
  }
  return [...new Set(known)];
}

/** Octal, with what the owner may read; nobody runs a secret. */
function readMode(reader: EnvReader): number {
  const text = reader.text("CLEF_AGENT_FILES_MODE");
  if (text === undefined) return 0o440;
  const mode = /^0?[0-7]{3}$/.test(text) ? Number.parseInt(text, 8) : 0;
  const readable = (mode & 0o400) !== 0;
  if (readable && (mode & 0o111) === 0) return mode;
  reader.fail(
    "config_invalid",
    "CLEF_AGENT_FILES_MODE must be an octal mode that lets the owner read and nobody execute, such as 0440",
  );
  return 0o440;
}
