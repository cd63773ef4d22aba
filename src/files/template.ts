import { AgentError } from "../errors.ts";
import { RENDERED_MAX_BYTES } from "../limits.ts";
import type { Entry } from "../store/payload-index.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { copySecret } from "../system/copy-secret.ts";
import { secretBuffer } from "../system/secret-buffer.ts";
import { type Template, valueBytes } from "./file-set.ts";
import { parseTemplate, type Part, type Placeholder, TemplateError } from "./template-syntax.ts";

/**
 * A template that renders to the file of its name. Values stay bytes on their way: whatever is made of
 * them is wiped as soon as it was copied.
 *
 * @throws AgentError `files_template`, with the line, if it is none.
 */
export function openTemplate(name: string, text: Buffer): Template {
  const parts = saying(name, () => parseTemplate(text));
  return { name, render: (secrets) => saying(name, () => render(parts, secrets)) };
}

function render(parts: readonly Part[], secrets: Snapshot): Buffer {
  const pieces: Uint8Array[] = [];
  const secret: Buffer[] = [];
  try {
    let length = 0;
    for (const part of parts) {
      let piece: Uint8Array;
      if (part.kind === "literal") piece = part.bytes;
      else {
        const bytes = fill(part, secrets);
        secret.push(bytes);
        piece = bytes;
      }
      pieces.push(piece);
      length += piece.length;
      if (length > RENDERED_MAX_BYTES) throw tooLong(lineOf(part));
    }
    const rendered = secretBuffer(length);
    let at = 0;
    for (const piece of pieces) at = copySecret(rendered, at, piece, 0, piece.length);
    return rendered;
  } finally {
    for (const bytes of secret) bytes.fill(0);
  }
}

function fill({ name, fallback, filters, line }: Placeholder, secrets: Snapshot): Buffer {
  const entry = entryNamed(name, secrets, line);
  if (entry === undefined && fallback === undefined) {
    throw new TemplateError(line, `there is no secret "${name}"`);
  }
  let value = entry === undefined ? Buffer.from(fallback ?? "") : valueBytes(secrets, entry);
  for (const filter of filters) {
    const filtered = filter(value);
    if (filtered === undefined) throw tooLong(line);
    value = filtered;
  }
  return value;
}

function tooLong(line: number): TemplateError {
  return new TemplateError(line, `it renders to more than ${RENDERED_MAX_BYTES} bytes`);
}

/** By its flat name, or as `<namespace>.<key>`; either may have dots of its own. */
function entryNamed(name: string, secrets: Snapshot, line: number): Entry | undefined {
  const dots = [...name.matchAll(/\./g)].map(({ index }) => index);
  const { index } = secrets;
  const found = [
    ...index.find(name).filter((entry) => entry.name === name),
    ...dots.flatMap((dot) => index.findIn(name.slice(0, dot), name.slice(dot + 1)) ?? []),
  ];
  if (found.length > 1) {
    const names = found.map((entry) => `"${entry.name}"`).join(" or ");
    throw new TemplateError(line, `"${name}" can be the secret ${names}; use its flat name`);
  }
  return found[0];
}

function lineOf(part: Part): number {
  return part.kind === "secret" ? part.line : 1;
}

function saying<Value>(name: string, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new AgentError(
      "files_template",
      `the template "${name}" does not render, line ${error.line}: ${error.message} (CLEF_AGENT_FILES_TEMPLATES)`,
    );
  }
}
