import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ErrorCode } from "../../../src/errors.ts";
import { indexPayload } from "../../../src/store/payload-index.ts";
import { coded } from "../../support/errors.ts";

const names = (text: string): readonly string[] =>
  indexPayload(Buffer.from(text)).entries.map((entry) => entry.name);

describe("indexPayload reads", () => {
  test("flat, nested and mixed payloads in packed order", () => {
    assert.deepEqual(names('{"b":"1","a":{"y":"2","x":"3"},"c":"4"}'), ["b", "a__y", "a__x", "c"]);
  });
  test("any white space of JSON", () => {
    assert.deepEqual(names(' \t\r\n{ "a" \n:\t"1" , "b":{ } } \n'), ["a"]);
  });
  test("names that are hostile to plain objects, and empty ones", () => {
    const text = '{"__proto__":"1","constructor":{"toString":"2","__proto__":"3"},"":"4"}';
    assert.deepEqual(names(text), [
      "__proto__",
      "constructor__toString",
      "constructor____proto__",
      "",
    ]);
  });
  test("names with escapes, as JSON means them", () => {
    assert.deepEqual(names(String.raw`{"\u0041\"\\\/\ud83d\udd11":"1"}`), ['A"\\/🔑']);
  });
  test("where each value lies, quotes included", () => {
    const text = Buffer.from(String.raw`{"é":"\"}{","n":{"k":""}}`);
    const spans = indexPayload(text).entries.map(({ value }) =>
      text.subarray(value.start, value.end).toString(),
    );
    assert.deepEqual(spans, [String.raw`"\"}{"`, '""']);
  });
});

const counted = (count: number): string =>
  JSON.stringify(
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`K${index}`, ""])),
  );

describe("indexPayload bounds", () => {
  test("the number of names, of namespaces too", () => {
    assert.equal(names(counted(10_000)).length, 10_000);
    const many = `{${Array.from({ length: 10_001 }, (_, index) => `"n${index}":{}`).join(",")}}`;
    for (const text of [counted(10_001), many]) {
      assert.throws(
        () => indexPayload(Buffer.from(text)),
        /its payload has more than 10000 secrets and namespaces/,
      );
    }
  });
  test("the length of a name, however it is written", () => {
    const longest = "中".repeat(512);
    const escaped = String.raw`\u4e2d`.repeat(512);
    assert.deepEqual(names(`{"${longest}":""}`), [longest]);
    assert.deepEqual(names(`{"${escaped}":""}`), [longest]);
    for (const name of [`x${longest}`, `x${escaped}`, "x".repeat(513), " ".repeat(100_000)]) {
      assert.throws(
        () => indexPayload(Buffer.from(`{"n":{"${name}":""}}`)),
        /its payload has a name of more than 512 characters/,
      );
    }
  });
});

const REFUSED: readonly (readonly [ErrorCode, string])[] = [
  ["payload_parse", ""],
  ["payload_parse", "   "],
  ["payload_parse", "hello"],
  ["payload_parse", "nul"],
  ["payload_parse", "{"],
  ["payload_parse", '{"a"}'],
  ["payload_parse", '{"a":}'],
  ["payload_parse", '{"a":"b"'],
  ["payload_parse", '{"a":"b",}'],
  ["payload_parse", '{,"a":"b"}'],
  ["payload_parse", '{"a":"b"}x'],
  ["payload_parse", '{"a":"b"}{}'],
  ["payload_parse", '{"a":"b" "c":"d"}'],
  ["payload_parse", "{'a':'b'}"],
  ["payload_parse", '{a:"b"}'],
  ["payload_parse", '{"a":"\n"}'],
  ["payload_parse", '{"a\u0001":"b"}'],
  ["payload_parse", String.raw`{"a":"\x41"}`],
  ["payload_parse", String.raw`{"a":"\u00g0"}`],
  ["payload_parse", String.raw`{"a":"\u00"}`],
  ["payload_parse", String.raw`{"a":"\"}`],
  ["payload_parse", '{"a":"b"}\u0000'],
  ["payload_parse", '\ufeff{"a":"b"}'],
  ["payload_parse", '\u00a0{"a":"b"}'],
  ["payload_parse", '{"a":{"b":"c"}'],
  ["payload_shape", "null"],
  ["payload_shape", "true"],
  ["payload_shape", "7"],
  ["payload_shape", "[]"],
  ["payload_shape", '"text"'],
  ["payload_shape", '{"a":1}'],
  ["payload_shape", '{"a":null}'],
  ["payload_shape", '{"a":false}'],
  ["payload_shape", '{"a":["b"]}'],
  ["payload_shape", '{"a":{"b":1}}'],
  ["payload_shape", '{"a":{"b":{"c":"d"}}}'],
  ["payload_shape", '{"a":{"b":{}}}'],
];

describe("indexPayload refuses", () => {
  for (const [code, text] of REFUSED) {
    test(`${code}: ${JSON.stringify(text)}`, () => assert.throws(() => names(text), coded(code)));
  }

  test("bytes that are not UTF-8, in a name or a value", () => {
    for (const hex of ["7b2261223a22ff227d", "7b22c3223a2261227d", "7b2261223a22eda080227d"]) {
      assert.throws(() => indexPayload(Buffer.from(hex, "hex")), coded("payload_parse", /UTF-8/));
    }
  });

  const TWICE = [
    '{"a":"1","a":"2"}',
    '{"a":{"k":"1"},"a":{"l":"2"}}',
    '{"a":{"k":"1","k":"2"}}',
    '{"a":{},"a":"1"}',
    '{"a":"1","a":{}}',
    '{"a__b":"1","a":{"b":"2"}}',
    '{"a":{"b__c":"1"},"a__b":{"c":"2"}}',
    String.raw`{"a":"1","\u0061":"2"}`,
  ];
  for (const text of TWICE) {
    test(`two secrets of one name: ${text}`, () => {
      assert.throws(() => names(text), coded("payload_shape", /twice/));
    });
  }
});

describe("finding a secret", () => {
  const index = indexPayload(Buffer.from('{"a":{"k":"1","x__y":"2"},"b":{"k":"3"},"z":"4"}'));
  const found = (name: string): readonly string[] => index.find(name).map((entry) => entry.name);

  test("goes by flat name, then by bare key", () => {
    assert.deepEqual(found("a__k"), ["a__k"]);
    assert.deepEqual(found("x__y"), ["a__x__y"]);
    assert.deepEqual(found("z"), ["z"]);
    assert.deepEqual(found("k"), ["a__k", "b__k"]);
    assert.deepEqual(found("a"), []);
  });

  test("in a namespace takes the parts as they are", () => {
    assert.equal(index.findIn("a", "x__y")?.name, "a__x__y");
    assert.equal(index.findIn("a__x", "y"), undefined);
    assert.equal(index.findIn("", "z"), undefined);
  });
});
