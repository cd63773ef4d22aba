import { FILTER_NAMES, filterNamed, type NamedFilter } from "./filters.ts";

/** A template as its parts in order: bytes that stay as they are, and places for a secret. */
export type Part = { readonly kind: "literal"; readonly bytes: Uint8Array } | Placeholder;

export interface Placeholder {
  readonly kind: "secret";
  readonly name: string;
  /** What stands there if there is no such secret; undefined makes that an error. */
  readonly fallback: string | undefined;
  readonly filters: readonly NamedFilter[];
  /** From 1. */
  readonly line: number;
}

/** What is wrong with a template, and in which of its lines. */
export class TemplateError extends Error {
  readonly line: number;

  constructor(line: number, problem: string) {
    super(problem);
    this.name = "TemplateError";
    this.line = line;
  }
}

/**
 * Reads a template: `{{ NAME }}`, `{{ namespace.NAME | filter }}`, and nothing else (contract, section
 * 9). Works on bytes, so that what is not a placeholder stays as it is, whatever it is.
 *
 * @throws TemplateError
 */
export function parseTemplate(template: Buffer): readonly Part[] {
  const parts: Part[] = [];
  let at = 0;
  let line = 1;
  const linesUpTo = (end: number): number => {
    for (; at < end; at++) if (template[at] === NEWLINE) line++;
    return line;
  };
  for (;;) {
    const start = at;
    const open = template.indexOf("{{", start);
    if (open === -1) break;
    if (open > start) parts.push({ kind: "literal", bytes: template.subarray(start, open) });
    const opened = linesUpTo(open);
    const close = endOf(template, open + 2);
    if (close === -1) throw new TemplateError(opened, "{{ is never closed by }}");
    parts.push(parsePlaceholder(template.toString("utf8", open + 2, close), opened));
    linesUpTo(close + 2);
  }
  if (at < template.length) parts.push({ kind: "literal", bytes: template.subarray(at) });
  return parts;
}

/** Where the next `}}` is that stands in no quoted text; -1 if there is none. */
function endOf(template: Buffer, from: number): number {
  let quote: number | undefined;
  for (let at = from; at < template.length; at++) {
    const byte = template[at];
    if (quote !== undefined) {
      if (byte === quote) quote = undefined;
    } else if (byte === QUOTATION || byte === APOSTROPHE) quote = byte;
    else if (byte === BRACE && template[at + 1] === BRACE) return at;
  }
  return -1;
}

function parsePlaceholder(text: string, line: number): Placeholder {
  const fail = (problem: string): TemplateError => new TemplateError(line, problem);
  const [name, rest] = split(NAME, text) ?? [];
  if (name === undefined || rest === undefined) {
    throw fail("{{ … }} must hold the name of a secret");
  }
  const filters: NamedFilter[] = [];
  let fallback: string | undefined;
  for (let left = rest; left !== "";) {
    const [filter, after] = split(FILTER, left) ?? [];
    if (filter === undefined || after === undefined) {
      throw fail(`after the name there may only be "| filter" in {{ ${name} … }}`);
    }
    left = after;
    const quoted = DEFAULT.exec(filter);
    const known = filterNamed(filter);
    if (quoted !== null) {
      if (fallback !== undefined || filters.length > 0) {
        throw fail(`default(…) must be the first filter of {{ ${name} … }}, and there once`);
      }
      fallback = quoted[1] ?? quoted[2] ?? "";
    } else if (known === undefined) {
      throw fail(
        `{{ ${name} … }} has a filter that does not exist; there are ${FILTER_NAMES.join(", ")} and default("text")`,
      );
    } else filters.push(known);
  }
  return { kind: "secret", name, fallback, filters, line };
}

/** The first group of a match at the start, and what comes after the match. */
function split(pattern: RegExp, text: string): readonly [string, string] | undefined {
  const match = pattern.exec(text);
  return match?.[1] === undefined ? undefined : [match[1], text.slice(match[0].length)];
}

const NAME = /^\s*([^\s|{}()"']+)\s*(?=$|\|)/;
const FILTER = /^\|\s*([^\s|{}()"']+(?:\s*\(\s*(?:"[^"]*"|'[^']*')\s*\))?)\s*(?=$|\|)/;
const DEFAULT = /^default\s*\(\s*(?:"([^"]*)"|'([^']*)')\s*\)$/;
const NEWLINE = 0x0a;
const BRACE = 0x7d;
const QUOTATION = 0x22;
const APOSTROPHE = 0x27;
