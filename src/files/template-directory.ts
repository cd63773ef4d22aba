import * as fs from "node:fs";
import { join } from "node:path";
import { AgentError, systemCode } from "../errors.ts";
import { TEMPLATE_MAX_BYTES, TEMPLATES_MAX } from "../limits.ts";
import type { Template } from "./file-set.ts";
import { openTemplate } from "./template.ts";

/**
 * Reads every template there is in a directory; names that begin with a dot are passed over, as what
 * Kubernetes and editors put there (contract, section 9). Links are followed: a ConfigMap is mounted as
 * links, and the directory is the operator's.
 *
 * @throws AgentError `files_template`.
 */
export function readTemplates(directory: string): readonly Template[] {
  const names = attempt(directory, () => fs.readdirSync(directory));
  const wanted = names.filter((name) => !name.startsWith(".")).toSorted();
  if (wanted.length > TEMPLATES_MAX) {
    throw failed(`${directory} holds more than ${TEMPLATES_MAX} templates`);
  }
  return wanted.map((name) => {
    const path = join(directory, name);
    return openTemplate(
      name,
      attempt(path, () => readSmall(path)),
    );
  });
}

function readSmall(path: string): Buffer {
  // Without waiting for a pipe.
  const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    const stats = fs.fstatSync(fd);
    if (!stats.isFile())
      throw failed(`${path} is not a file; templates lie in the directory itself`);
    if (stats.size > TEMPLATE_MAX_BYTES) {
      throw failed(`${path} is larger than ${TEMPLATE_MAX_BYTES} bytes`);
    }
    const bytes = Buffer.alloc(stats.size);
    return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    fs.closeSync(fd);
  }
}

function attempt<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof AgentError) throw error;
    throw failed(`${path} cannot be read (${systemCode(error) ?? "?"})`);
  }
}

function failed(problem: string): AgentError {
  return new AgentError("files_template", `${problem} (CLEF_AGENT_FILES_TEMPLATES)`);
}
