import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readDotenv } from "../../../../src/cli/input/dotenv.ts";
import { readSopsDotenv } from "../../../../src/cli/input/sops-dotenv.ts";
import { coded } from "../../../support/errors.ts";

describe("a dotenv file is read", () => {
  for (const [text, values] of [
    ["A=1\n# note\n\nexport B=two\n", { A: "1", B: "two" }],
    ["A='pa#ss $x `y` \"z\" \\n'", { A: 'pa#ss $x `y` "z" \\n' }],
    ["A=\"it's\"  # note's\nB=c", { A: "it's", B: "c" }],
    ["A='two\nlines'\nB=\"X=1\n# no comment\"\n", { A: "two\nlines", B: "X=1\n# no comment" }],
    ["A=postgres://u:p@h/d?x=1 # note", { A: "postgres://u:p@h/d?x=1" }],
    ["A=\nB=''\nC=\"\"\n", { A: "", B: "", C: "" }],
    ["A=clé", { A: "clé" }],
  ] as const) {
    test(JSON.stringify(text), () => {
      assert.deepEqual(Object.fromEntries(readDotenv(text)), values);
    });
  }

  test("in its order, where an object would sort numbers to the front", () => {
    assert.deepEqual([...readDotenv("Z=1\nA=2").keys()], ["Z", "A"]);
  });
});

describe("a dotenv line is refused", () => {
  for (const [what, text, problem] of [
    ["with # in a bare value", "PASSWORD=pa#sk_mark", /line 1: .*single quotes/],
    ["with two quoted parts", "A=1\nB='it''sk_mark'", /line 2: .*one pair of quotes/],
    ["with escaped quotes", 'A="{\\"sk_mark\\": 1}"', /line 1: /],
    ["with an escape in double quotes", 'A="x\\nsk_mark"', /line 1: .*single quotes/],
    ["with $ in double quotes", 'A="$sk_mark"', /line 1: .*single quotes/],
    ["with ${ in single quotes", "A='${sk_mark}'", /line 1: .*JSON or YAML/],
    ["with two backslashes in single quotes", "A='sk_mark\\\\x'", /line 1: .*JSON or YAML/],
    ["with a backslash at the end", "A='sk_mark\\'", /line 1: .*JSON or YAML/],
    ["with an unclosed quote", "A=1\nB='sk_mark\nC=2", /line 2: its quote is never closed/],
    ["without =", "A=1\nsk_mark", /line 2: it has no =/],
    ["with the name of another", "A=sk_mark\nB=2\nA=3", /line 3: .*same name as line 1/],
    ["with white space around =", "A = sk_mark", /line 1: there is white space before its =/],
    ["with white space after =", "A= sk_mark", /line 1: /],
    ["with white space inside", "A=two sk_mark", /line 1: /],
    ["with indentation", "  A=sk_mark", /line 1: it is indented/],
    ["with Windows line ends", "A=sk_mark\r\n", /line 1: .*carriage return/],
    ["with backticks", "A=`sk_mark`", /line 1: /],
    [
      "with a PEM without quotes",
      "A=-----BEGIN X-----\nsk_mark/b==\n",
      /line 1: .*lines refused as well: 2/,
    ],
    ["with a name of the shell's", "UID=sk_mark", /line 1: .*its name/],
    ["with a name that is none", "my-name=sk_mark", /line 1: .*letters, digits/],
    ["with what export expands", "export A=*sk_mark", /line 1: /],
    ["with a line separator in a comment", "# x\u2028A=sk_mark", /line 1: .*control character/],
  ] as const) {
    test(`${what}, by its number and without what is in it`, () => {
      assert.throws(() => readDotenv(text), coded("input_invalid", problem));
      assert.throws(
        () => readDotenv(text),
        (error: Error) => !error.message.includes("sk_mark"),
      );
    });
  }
});

describe("what sops writes as dotenv", () => {
  test("is read as sops reads it", () => {
    const text = "#note\nA=abc#def 'x' \\n\"y\" \nB=-----BEGIN-----\\nMIDDLE\\n\n\nC=\n";
    assert.deepEqual(Object.fromEntries(readSopsDotenv(text)), {
      A: "abc#def 'x' \n\"y\" ",
      B: "-----BEGIN-----\nMIDDLE\n",
      C: "",
    });
  });

  for (const text of ["sk_mark", "=sk_mark", " A =sk_mark", "A=1\nA=sk_mark"]) {
    test(`is refused by line number where sops does not write so: ${JSON.stringify(text)}`, () => {
      assert.throws(() => readSopsDotenv(text), coded("input_invalid", /line \d has/));
      assert.throws(
        () => readSopsDotenv(text),
        (error: Error) => !error.message.includes("sk_mark"),
      );
    });
  }
});
