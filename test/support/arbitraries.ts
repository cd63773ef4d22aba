import * as fc from "fast-check";

/** Names and values that are likely to break something, among ordinary ones. */
const NASTY = [
  "__proto__",
  "constructor",
  "toString",
  "",
  "a",
  "a__b",
  "b",
  "é",
  "鍵🔑",
  '"',
  "\\",
  "\u0000",
  "\n",
  "\u2028",
  "/",
  "\ud800",
];

export const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: "binary", maxLength: 8 }),
);

/** A payload as name and value pairs, flat, nested or mixed; names may repeat. */
export type Payload = readonly (readonly [
  string,
  string | readonly (readonly [string, string])[],
])[];

const pairs = fc.array(fc.tuple(text, text), { maxLength: 4 });
export const payload: fc.Arbitrary<Payload> = fc.array(fc.tuple(text, fc.oneof(text, pairs)), {
  maxLength: 5,
});

const space = fc.constantFrom("", "", "", " ", "\n", "\t\r");

/** A JSON string, with some of its characters written as escapes. */
function spelled(value: string, escapes: fc.GeneratorValue): string {
  const inner = Array.from(value).flatMap((character) => {
    if (!escapes(fc.boolean)) return [JSON.stringify(character).slice(1, -1)];
    return Array.from({ length: character.length }, (_, at) => {
      const code = character.charCodeAt(at).toString(16).padStart(4, "0");
      return String.raw`\u${escapes(fc.boolean) ? code : code.toUpperCase()}`;
    });
  });
  return `"${inner.join("")}"`;
}

/** Writes a payload as JSON in one of the many ways there are. */
export function written(value: Payload, choose: fc.GeneratorValue): string {
  const gap = (): string => choose(() => space);
  const member = (name: string, json: string): string =>
    `${gap()}${spelled(name, choose)}${gap()}:${gap()}${json}${gap()}`;
  const members = value.map(([name, inner]) =>
    member(
      name,
      typeof inner === "string"
        ? spelled(inner, choose)
        : `{${inner.map(([key, leaf]) => member(key, spelled(leaf, choose))).join(",") || gap()}}`,
    ),
  );
  return `${gap()}{${members.join(",") || gap()}}${gap()}`;
}
