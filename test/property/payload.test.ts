import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { AgentError } from "../../src/errors.ts";
import { indexPayload } from "../../src/store/payload-index.ts";
import { payload, type Payload, text, written } from "../support/arbitraries.ts";
import { runs } from "../support/runs.ts";
import { snapshotOf } from "../support/snapshots.ts";

/** The secrets as the contract names them; undefined if two would go by one name. */
function flat(value: Payload): Map<string, string> | undefined {
  const secrets = new Map<string, string>();
  const add = (name: string, secret: string): boolean =>
    !secrets.has(name) && secrets.set(name, secret).has(name);
  const outer = value.map(([name]) => name);
  if (new Set(outer).size !== outer.length) return undefined;
  for (const [name, inner] of value) {
    const entries = typeof inner === "string" ? [[name, inner] as const] : inner;
    for (const [key, secret] of entries) {
      if (!add(typeof inner === "string" ? key : `${name}__${key}`, secret)) return undefined;
    }
  }
  return secrets;
}

/** The same by means of JSON.parse, which keeps the last of equal names. */
function readBack(json: string): unknown {
  return JSON.parse(json) as unknown;
}

describe("indexPayload, for any payload written in any way,", () => {
  test("finds the names and values that JSON.parse finds, or two of one name", () => {
    fc.assert(
      fc.property(payload, fc.gen(), (value, choose) => {
        const json = written(value, choose);
        const expected = flat(value);
        if (expected === undefined) {
          assert.throws(() => indexPayload(Buffer.from(json)), { code: "payload_shape" });
          return;
        }
        const bytes = Buffer.from(json);
        const index = indexPayload(bytes);
        const found = index.entries.map(
          ({ name, value: { start, end } }) =>
            [name, JSON.parse(bytes.subarray(start, end).toString())] as const,
        );
        assert.deepEqual(found, [...expected]);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test("has a flat form that reads back as what it should be", () => {
    fc.assert(
      fc.property(payload, fc.gen(), (value, choose) => {
        const expected = flat(value);
        fc.pre(expected !== undefined);
        const { snapshot } = snapshotOf(written(value, choose));
        const members = [...expected].map(
          ([name, secret]) => `${JSON.stringify(name)}:${JSON.stringify(secret)}`,
        );
        const plain = readBack(`{${members.join(",")}}`);
        assert.deepEqual(readBack(snapshot.flat.toString()), plain);
        assert.deepEqual(readBack(snapshot.keysJson.toString()), [...expected.keys()]);
        for (const entry of snapshot.index.entries) {
          const { value: secret } = readBack(snapshot.valueJson(entry).toString()) as {
            value: string;
          };
          assert.equal(secret, expected.get(entry.name));
        }
      }),
      { numRuns: runs(1_000) },
    );
  });
});

/** Whether JSON.parse and the contract's shape accept it, apart from equal names. */
function isPayload(json: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return false;
  }
  const isObject = (item: unknown): item is object =>
    typeof item === "object" && item !== null && !Array.isArray(item);
  if (!isObject(value)) return false;
  return Object.values(value).every(
    (item) =>
      typeof item === "string" ||
      (isObject(item) && Object.values(item).every((leaf) => typeof leaf === "string")),
  );
}

describe("indexPayload, for any text,", () => {
  const jsonLike = fc
    .array(
      fc.constantFrom(
        "{",
        "}",
        '"',
        '"a"',
        '"b"',
        ":",
        ",",
        "[",
        "]",
        "null",
        "1",
        " ",
        "\\",
        "\\u0041",
        "\n",
        "é",
        "{}",
        '{"a":"b"}',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(""));
  const any = fc.oneof(
    jsonLike,
    fc.json(),
    fc.string({ unit: "binary" }),
    fc
      .dictionary(text, fc.oneof(text, fc.jsonValue({ maxDepth: 2 })))
      .map((it) => JSON.stringify(it)),
  );

  test("accepts nothing that JSON.parse and the shape refuse, and throws only AgentError", () => {
    fc.assert(
      fc.property(any, (json) => {
        const bytes = Buffer.from(json);
        try {
          indexPayload(bytes);
          assert.ok(isPayload(bytes.toString()), json);
        } catch (error) {
          if (!(error instanceof AgentError)) throw error;
          const twice = error.message.includes("twice");
          assert.ok(twice || !isPayload(bytes.toString()), json);
        }
      }),
      { numRuns: runs(5_000) },
    );
  });

  test("as raw bytes, UTF-8 or not, throws only AgentError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          indexPayload(Buffer.concat([Buffer.from('{"'), bytes]));
        } catch (error) {
          assert.ok(error instanceof AgentError);
        }
      }),
      { numRuns: runs(2_000) },
    );
  });
});
