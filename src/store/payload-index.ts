import { isUtf8 } from "node:buffer";
import { AgentError } from "../errors.ts";
import { PAYLOAD_MAX_NAMES, SECRET_NAME_MAX_LENGTH } from "../limits.ts";
import { scrubRegisters } from "../system/scrub-registers.ts";
import { JsonError, JsonScanner, type Span } from "./json-scanner.ts";

/** One secret: its names, and where its value lies in the plaintext as a JSON string. */
export interface Entry {
  /** The name that `/v1/keys` lists: `KEY`, or `<namespace>__<key>`. */
  readonly name: string;
  readonly namespace: string | undefined;
  readonly key: string;
  readonly value: Span;
}

/** Where every secret of a plaintext is, in packed order. Holds names, never values. */
export class PayloadIndex {
  readonly entries: readonly Entry[];
  readonly #byName: ReadonlyMap<string, Entry>;
  /** Made when somebody first asks by a bare key. */
  #byKey: ReadonlyMap<string, readonly Entry[]> | undefined;

  /** @param byName - in packed order. */
  constructor(byName: ReadonlyMap<string, Entry>) {
    this.entries = [...byName.values()];
    this.#byName = byName;
  }

  /**
   * The secret that goes by `name`: a name from `/v1/keys`, or a bare key.
   *
   * @returns one entry, several where several namespaces have the bare key, or none.
   */
  find(name: string): readonly Entry[] {
    const exact = this.#byName.get(name);
    if (exact !== undefined) return [exact];
    this.#byKey ??= Map.groupBy(this.entries, (entry) => entry.key);
    return this.#byKey.get(name) ?? [];
  }

  findIn(namespace: string, key: string): Entry | undefined {
    const entry = this.#byName.get(flatName(namespace, key));
    return entry?.namespace === namespace && entry.key === key ? entry : undefined;
  }
}

/**
 * Reads a decrypted payload: a JSON object of strings, and of objects of strings, without making a
 * string of any value (contract, section 1). Two secrets that would go by one name are refused,
 * since nobody could say which is meant.
 *
 * @throws AgentError `payload_parse` or `payload_shape`, with names but no value in the message.
 */
export function indexPayload(plaintext: Uint8Array): PayloadIndex {
  const isText = isUtf8(plaintext);
  scrubRegisters();
  if (!isText) throw new AgentError("payload_parse", "its payload is not UTF-8 text");
  try {
    return new PayloadIndex(readEntries(plaintext));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new AgentError("payload_parse", "its payload is not JSON; pack it again");
  }
}

function readEntries(plaintext: Uint8Array): ReadonlyMap<string, Entry> {
  const scanner = new JsonScanner(plaintext);
  const byName = new Map<string, Entry>();
  let names = 0;
  const countName = (): void => {
    if (++names > PAYLOAD_MAX_NAMES) {
      throw shape(`has more than ${PAYLOAD_MAX_NAMES} secrets and namespaces`);
    }
  };
  const addEntry = (namespace: string | undefined, key: string, value: Span): void => {
    const name = namespace === undefined ? key : flatName(namespace, key);
    if (byName.has(name)) throw shape(`names "${name}" twice`);
    byName.set(name, { name, namespace, key, value });
  };
  if (scanner.peek() !== "{") throw unwanted(scanner, "is not an object");
  const namespaces = new Set<string>();
  readObject(scanner, (outer) => {
    countName();
    if (scanner.peek() === '"') {
      addEntry(undefined, outer, scanner.string());
      return;
    }
    if (scanner.peek() !== "{") throw unwanted(scanner, notAString(outer));
    if (namespaces.has(outer)) throw shape(`names "${outer}" twice`);
    namespaces.add(outer);
    readObject(scanner, (inner) => {
      countName();
      if (scanner.peek() !== '"') throw unwanted(scanner, notAString(flatName(outer, inner)));
      addEntry(outer, inner, scanner.string());
    });
  });
  scanner.end();
  for (const namespace of namespaces) {
    const entry = byName.get(namespace);
    if (entry !== undefined && entry.namespace === undefined) {
      throw shape(`names "${namespace}" twice`);
    }
  }
  return byName;
}

/** Reads one object, calling `member` with each name when its value comes next. */
function readObject(scanner: JsonScanner, member: (name: string) => void): void {
  scanner.expect("{");
  if (scanner.take("}")) return;
  do {
    const name = scanner.name(SECRET_NAME_MAX_LENGTH);
    if (name === undefined) {
      throw shape(`has a name of more than ${SECRET_NAME_MAX_LENGTH} characters`);
    }
    scanner.expect(":");
    member(name);
  } while (scanner.take(","));
  scanner.expect("}");
}

function flatName(namespace: string, key: string): string {
  return `${namespace}__${key}`;
}

function notAString(name: string): string {
  return `has a value that is not a string: "${name}"`;
}

/** Something other than what belongs here: JSON of another kind, or no JSON. */
function unwanted(scanner: JsonScanner, problem: string): AgentError | JsonError {
  return scanner.startsValue() ? shape(problem) : new JsonError(scanner.offset);
}

function shape(problem: string): AgentError {
  return new AgentError("payload_shape", `its payload ${problem}; pack it again`);
}
