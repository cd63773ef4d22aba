import assert from "node:assert/strict";
import { AgentError } from "../../../src/errors.ts";
import { PAYLOAD_MAX_NAMES, SECRET_NAME_MAX_LENGTH } from "../../../src/limits.ts";
import { indexPayload, type PayloadIndex } from "../../../src/store/payload-index.ts";
import type { FuzzTarget } from "../target.ts";

type Found = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** What JSON.parse makes of it where that is a payload; otherwise the code of the refusal. */
function parsed(input: Buffer): Found | "payload_parse" | "payload_shape" {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(input));
  } catch {
    return "payload_parse";
  }
  const isObject = (item: unknown): item is object =>
    typeof item === "object" && item !== null && !Array.isArray(item);
  const isLeaf = (item: unknown): boolean => typeof item === "string";
  const isPayload =
    isObject(value) &&
    Object.values(value).every(
      (item) => isLeaf(item) || (isObject(item) && Object.values(item).every(isLeaf)),
    );
  return isPayload ? (value as Found) : "payload_shape";
}

function indexed(input: Buffer): PayloadIndex | AgentError {
  try {
    return indexPayload(input);
  } catch (error) {
    if (error instanceof AgentError) return error;
    throw error;
  }
}

/** The scanner of the decrypted payload, against `JSON.parse`: the same names, values and refusals. */
export const target: FuzzTarget = {
  maxBytes: 300,
  seeds: [
    '{"KEY":"value"}',
    '{"app":{"DB_URL":"a\\u00e9\\n","K":""},"X":"\\ud83d\\ude00"}',
    ' {\t"a" : "b" ,\r\n"n":{} }',
    '{"a":1}',
    "[]",
    '{"a":["x",{"b":null}],"c":true}',
  ],
  words: [
    '":"',
    '","',
    '":{"',
    '"}',
    "{}",
    "\\u0000",
    "\\ud800",
    "\\",
    "__proto__",
    "true",
    "null",
    "1e9",
    "a__b",
  ],
  run(input) {
    const expected = parsed(input);
    const found = indexed(input);
    if (found instanceof AgentError) {
      // More is refused than by JSON.parse: two of one name, names that are too many or too long.
      const may =
        expected === "payload_parse" ? ["payload_parse", "payload_shape"] : ["payload_shape"];
      assert.ok(may.includes(found.code), `${found.code}, where it is ${JSON.stringify(expected)}`);
      if (typeof expected === "string") return;
      assert.ok(!hasOwnNames(expected, input), `refused without a reason: ${found.message}`);
      return;
    }
    if (typeof expected === "string") assert.fail(`accepted, where it is ${expected}`);
    const values = found.entries.map(({ name, namespace, key, value }) => {
      assert.equal(name, namespace === undefined ? key : `${namespace}__${key}`);
      const outer: unknown = namespace === undefined ? expected : member(expected, namespace);
      const text: unknown = JSON.parse(input.toString("utf8", value.start, value.end));
      assert.equal(text, member(outer, key));
      return name;
    });
    assert.equal(new Set(values).size, values.length);
    const leaves = Object.values(expected).flatMap((item) =>
      typeof item === "string" ? [item] : Object.values(item),
    );
    assert.equal(values.length, leaves.length);
  },
};

/** Its own member of that name, whatever the name is. */
function member(object: unknown, name: string): unknown {
  return Object.getOwnPropertyDescriptor(object, name)?.value as unknown;
}

/** Whether no name comes twice, and none is too long: then there is no reason to refuse it. */
function hasOwnNames(expected: Found, input: Buffer): boolean {
  const names = Object.entries(expected).flatMap(([outer, item]) =>
    typeof item === "string" ? [outer] : Object.keys(item).map((inner) => `${outer}__${inner}`),
  );
  const objects = Object.values(expected).filter((item) => typeof item !== "string").length;
  const all = [...Object.keys(expected), ...names];
  if (names.length + objects > PAYLOAD_MAX_NAMES) return false;
  if (all.some((name) => name.length > SECRET_NAME_MAX_LENGTH)) return false;
  if (new Set(names).size !== names.length) return false;
  if (names.some((name) => typeof expected[name] === "object")) return false;
  // JSON.parse keeps the last of equal names: then the text has more strings than the value.
  const strings = input.toString().match(/"(?:[^"\\]|\\.)*"/g)?.length ?? 0;
  const kept = Object.values(expected).reduce<number>(
    (sum, item) => sum + (typeof item === "string" ? 2 : 1 + 2 * Object.keys(item).length),
    0,
  );
  return strings === kept;
}
