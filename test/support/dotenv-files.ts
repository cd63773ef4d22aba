import { type Arbitrary, array, boolean, constantFrom, oneof, tuple } from "fast-check";

/** What a value or a stray line may hold: ordinary text, and all that readers are known to differ about. */
const PIECES = [
  ..."abcXYZ019".split(""),
  ..." \t'\"`#$\\{}()[]<>;&|*?!~=:@%+,./-^".split(""),
  "é",
  "\u00a0",
  "\u2028",
  "\ufeff",
  "\r",
  "\\n",
  "${A}",
  "$A",
  "export ",
  "A=",
  " # note",
];

const piecesOf = (pieces: readonly string[], maxLength: number): Arbitrary<string> =>
  array(constantFrom(...pieces), { maxLength }).map((parts) => parts.join(""));

const odd = piecesOf(PIECES, 8);
const plain = piecesOf("abcXYZ0129./:@%+,=^!?*[]{}-_é".split(""), 12);
const quotable = piecesOf([...PIECES.filter((piece) => !/['"\r\u2028]/.test(piece)), "\n"], 10);

const value = oneof(
  { weight: 4, arbitrary: plain },
  { weight: 4, arbitrary: quotable.map((text) => `'${text}'`) },
  { weight: 3, arbitrary: quotable.map((text) => `"${text.replaceAll(/[$`\\]/g, "")}"`) },
  { weight: 1, arbitrary: odd },
  { weight: 1, arbitrary: odd.map((text) => `'${text}'`) },
  { weight: 1, arbitrary: odd.map((text) => `"${text}"`) },
);

const name = constantFrom("A", "B", "DB_URL", "_x", "a1", "LONG_NAME_2", "C", "D", "E", "F");

const assignment = tuple(
  constantFrom("", "", "", "export ", "  ", "\t"),
  name,
  constantFrom("=", "=", "=", "=", "=", "=", " = "),
  value,
  constantFrom("", "", "", "  ", "\t", " # a 'note\"", " #", "#"),
).map((parts) => parts.join(""));

const line = oneof(
  { weight: 8, arbitrary: assignment },
  {
    weight: 1,
    arbitrary: constantFrom("", "  ", "# comment", '  # it\'s "quoted" A=b', "#A=b\\"),
  },
  { weight: 1, arbitrary: odd },
);

/** Dotenv files as people write them, with the slips and the tricks. */
export const dotenvFile: Arbitrary<string> = tuple(
  array(line, { maxLength: 4 }),
  constantFrom("\n", "\n", "\n", "\n", "\r\n"),
  boolean(),
).map(([lines, end, closed]) => lines.join(end) + (closed ? end : ""));
