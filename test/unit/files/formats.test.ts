import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileSet } from "../../../src/files/file-set.ts";
import { filesFrom, made } from "../../support/files.ts";
import { snapshotOf } from "../../support/snapshots.ts";

const SECRETS = { TOP: "one", app: { URL: "two\nlines", "a.b": "" }, "db-x": { PW: 'q"\\é🔑' } };

describe("the format keys", () => {
  test("is a file per secret with the bare value, in a directory per namespace", () => {
    assert.deepEqual(made(SECRETS, "keys"), {
      TOP: "one",
      "app/URL": "two\nlines",
      "app/a.b": "",
      "db-x/PW": 'q"\\é🔑',
    });
  });

  for (const [name, why] of [
    ["", "is empty"],
    [".", "is the directory itself"],
    ["..", "begins with two dots"],
    ["..data", "begins with two dots"],
    ["a/b", "has a slash"],
    ["a\0b", "has a NUL"],
    ["\ud800", "half of a surrogate pair"],
    ["é".repeat(128), "is longer than 255 bytes"],
  ] as const) {
    test(`refuses the name ${JSON.stringify(name).slice(0, 20)}, of a key and of a namespace`, () => {
      const refused = { code: "files_name", message: new RegExp(why) };
      assert.throws(() => filesFrom({ [name]: "v" }, "keys"), refused);
      assert.throws(() => filesFrom({ ns: { [name]: "v" } }, "keys"), refused);
      assert.throws(() => filesFrom({ [name]: { K: "v" } }, "keys"), refused);
    });
  }

  test("takes names that are odd and still names: 255 bytes, a leading dot, a line break", () => {
    const names = ["a".repeat(255), ".hidden", "a\nb", " ", "-rf", "*"];
    const secrets = Object.fromEntries(names.map((name) => [name, "v"]));
    assert.deepEqual(Object.keys(made(secrets, "keys")), names);
  });

  test("names some of many wrong names, and how many more there are", () => {
    const wrong = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`a/${at}`, "v"]));
    assert.throws(() => filesFrom(wrong, "keys"), {
      message: /^"a\/0", "a\/1", "a\/2", "a\/3", "a\/4" and 4 more cannot be a file name/,
    });
  });

  test("refuses a value with half of a surrogate pair by its name", () => {
    const { snapshot } = snapshotOf(String.raw`{"ns":{"HALF":"\ud83d\u0041"}}`);
    const [file] = fileSet(snapshot, ["keys"], []);
    assert.throws(() => file?.make(), { code: "files_value", message: /"ns__HALF"/ });
  });
});

describe("the format json", () => {
  test("is the payload as it was packed, byte for byte", () => {
    const text = String.raw` { "b" : "\u0041", "a":{"x":"1"} } `;
    assert.deepEqual(made(text, "json"), { "secrets.json": text });
  });

  test("has no trouble with names that cannot be files", () => {
    assert.deepEqual(Object.keys(made({ "a/b": "v", "..": "w" }, "json")), ["secrets.json"]);
  });
});

describe("the format dotenv", () => {
  test("is a line for every secret by its flat name, in single quotes", () => {
    assert.deepEqual(made({ A: "x y", app: { B: 'two\nlines "q" $HOME #' } }, "dotenv"), {
      "secrets.env": `A='x y'\napp__B='two\nlines "q" $HOME #'\n`,
    });
  });

  for (const [value, why] of [
    ["it's", "a single quote"],
    ["a${b}", "${"],
    ["a\\\\b", "two backslashes"],
    ["end\\", "a backslash at its end"],
    ["a\r\nb", "a carriage return"],
    ["a\0b", "a NUL"],
  ] as const) {
    test(`refuses a value with ${why}, by the secret's name and not by its value`, () => {
      assert.throws(
        () => made({ FINE: "x", ns: { BAD: value } }, "dotenv"),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, "files_value");
          assert.ok(error.message.includes(why) && error.message.includes('"ns__BAD"'));
          assert.match(error.message, /keys or json/);
          assert.ok(!error.message.includes(value));
          return true;
        },
      );
    });
  }

  test("takes single backslashes, dollars and braces that are no ${", () => {
    assert.deepEqual(made({ A: String.raw`\d \n $ { $a {$` }, "dotenv"), {
      "secrets.env": "A='\\d \\n $ { $a {$'\n",
    });
  });

  test("refuses names that a shell cannot have", () => {
    for (const name of ["a-b", "1A", "a.b", "é", ""]) {
      assert.throws(() => made({ [name]: "v" }, "dotenv"), { code: "files_value" });
    }
  });
});

describe("several formats", () => {
  test("stand beside each other", () => {
    assert.deepEqual(Object.keys(made({ A: "v" }, "keys", "json", "dotenv")), [
      "A",
      "secrets.json",
      "secrets.env",
    ]);
  });

  test("are refused where two files would be one", () => {
    const refused = { code: "files_name", message: /two files would be called "secrets\.json"/ };
    assert.throws(() => filesFrom({ "secrets.json": "v" }, "keys", "json"), refused);
    assert.throws(() => filesFrom({ "secrets.json": { A: "v" } }, "keys", "json"), refused);
  });
});
