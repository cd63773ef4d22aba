import { pack } from "../../tools/artifact.ts";
import { refused } from "../../tools/verdict.ts";

const WRONG_SHAPES = {
  "a list": '["KEY"]',
  null: "null",
  "a string": '"KEY"',
  "a number as a value": '{"KEY":1}',
  "true as a value": '{"KEY":true}',
  "null as a value": '{"KEY":null}',
  "a list as a value": '{"KEY":["one"]}',
  "a number in a namespace": '{"app":{"KEY":1}}',
  "a namespace in a namespace": '{"app":{"deep":{"KEY":"one"}}}',
} as const;

export const cases = [
  refused("a payload that is no JSON", "payload_parse", () => ({ artifact: pack("KEY=one") })),
  refused("a payload that is cut short", "payload_parse", () => ({ artifact: pack('{"KEY":"o') })),
  refused("an empty payload file", "payload_parse", () => ({ artifact: pack("") })),
  ...Object.entries(WRONG_SHAPES).map(([name, payload]) =>
    refused(`a payload that has ${name}`, "payload_shape", () => ({ artifact: pack(payload) })),
  ),
];
