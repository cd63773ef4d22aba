import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { environmentOf } from "../../../src/exec/environment.ts";
import {
  digester,
  type HandOver,
  readHandOver,
  type Secrets,
  wipe,
} from "../../../src/exec/hand-over.ts";
import type { Choice } from "../../../src/exec/settings.ts";
import { indexPayload } from "../../../src/store/payload-index.ts";

const EVERYTHING: Choice = { namespaces: [], only: [], maps: [], shellNames: false };

function secretsOf(json: string): Secrets {
  const nested = Buffer.from(json);
  return { nested, index: indexPayload(nested) };
}

interface Options {
  readonly choice?: Partial<Choice>;
  readonly allowedNames?: readonly string[];
  readonly handsOver?: boolean;
  readonly taken?: readonly string[];
  readonly platform?: NodeJS.Platform;
}

function read(json: string, options: Options = {}): HandOver {
  const { choice, allowedNames = [], handsOver = true, taken = [], platform = "linux" } = options;
  const settings = { choice: { ...EVERYTHING, ...choice }, allowedNames, handsOver };
  return readHandOver(secretsOf(json), settings, (name) => taken.includes(name), platform);
}

const problems = (json: string, options?: Options): readonly string[] =>
  read(json, options).problems.map(({ code, message }) => `${code}: ${message}`);

describe("what is handed over", () => {
  test("is each value as it was meant, escapes and all", () => {
    const { handed } = read(String.raw`{"B":"","A":"l1\nl2 \"q\" \\ \/ \u00e9 \ud83d\ude00 é"}`);
    assert.deepEqual({ ...environmentOf({}, handed) }, { A: 'l1\nl2 "q" \\ / é 😀 é', B: "" });
  });

  test("has a secret called __proto__ like any other", () => {
    const { handed } = read('{"__proto__":"value"}');
    assert.deepEqual(Object.entries(environmentOf({}, handed)), [["__proto__", "value"]]);
  });

  test("is without what --preserve-env keeps as it is", () => {
    const { handed } = read('{"A":"1","B":"2"}', { taken: ["A"] });
    assert.deepEqual(
      handed.map(({ variable }) => variable),
      ["B"],
    );
  });

  test("is wiped to the last byte", () => {
    const { handed } = read('{"A":"secret"}');
    wipe(handed);
    assert.deepEqual(handed[0]?.value, Buffer.alloc(6));
  });
});

describe("what cannot be handed over is named", () => {
  test("two secrets that would get one name", () => {
    const [problem = "", ...rest] = problems('{"a":{"K":"1"},"b":{"K":"2"}}', {
      choice: { namespaces: ["a", "b"] },
    });
    assert.match(problem, /^environment_name_conflict: "a__K" and "b__K" would both be set as "K"/);
    assert.deepEqual(rest, []);
  });

  test("a name that no variable can have, with the options that help", () => {
    for (const name of ["api-key", "1ST", "", "a b", "ключ", "A=B", "a\\nb"]) {
      const [problem = ""] = problems(`{"${name}":"v"}`);
      assert.match(problem, /^environment_name_invalid: .*--map .*--shell-names/, name);
    }
  });

  test("a value with NUL, and one with half of a surrogate pair", () => {
    assert.match(
      problems(String.raw`{"K":"a\u0000b"}`).join(),
      /^environment_value_invalid: "K" holds a NUL/,
    );
    assert.match(
      problems(String.raw`{"K":"\ud800"}`).join(),
      /^environment_value_invalid: "K" holds half/,
    );
  });

  test("NAME=value from 128 KiB on, and none below", () => {
    const fits = "v".repeat(131_071 - "KEY=".length);
    assert.deepEqual(problems(`{"KEY":"${fits}"}`), []);
    assert.match(
      problems(`{"KEY":"${fits}v"}`).join(),
      /^environment_too_large: "KEY" takes 131072/,
    );
    // Two bytes a letter.
    assert.equal(problems(`{"KEY":"${"é".repeat(65_536)}"}`).length, 1);
  });

  test("a name of the agent's own, also where it is mapped and allowed", () => {
    const options = {
      choice: { maps: [{ name: "K", variable: "CLEF_AGENT_TOKEN" }] },
      allowedNames: ["CLEF_AGENT_TOKEN"],
    };
    assert.match(problems('{"K":"v"}', options).join(), /^environment_name_refused: .*agent's/);
  });

  test("a name that makes programs load something else, unless it is allowed", () => {
    for (const name of ["PATH", "LD_PRELOAD", "NODE_OPTIONS", "GIT_SSH_COMMAND", "BASH_ENV"]) {
      const json = `{"${name}":"v"}`;
      assert.match(problems(json).join(), /^environment_name_refused: .*--allow-name/, name);
      assert.deepEqual(problems(json, { allowedNames: [name] }), []);
    }
    assert.deepEqual(problems('{"PATHS":"v","XLD_A":"v","path":"v"}'), []);
  });

  test("on Windows, where case does not matter, in any case", () => {
    assert.equal(problems('{"Path":"v"}', { platform: "win32" }).length, 1);
    assert.equal(problems('{"k":"1","K":"2"}', { platform: "win32" }).length, 1);
  });

  test("all of it at once, and no value of it", () => {
    const found = problems(String.raw`{"a-b":"s3cret","PATH":"s3cret","K":"s3cret\u0000"}`);
    assert.equal(found.length, 3);
    assert.doesNotMatch(found.join(), /s3cret/);
  });

  test("nothing, where nothing is handed over", () => {
    const { handed, problems: none } = read('{"a-b":"1","PATH":"2"}', { handsOver: false });
    assert.deepEqual(none, []);
    assert.equal(handed.length, 2);
  });
});

describe("the digest", () => {
  const digest = digester();
  const of = (json: string): string => digest(read(json).handed);

  test("is the same for the same names and values, however they are packed", () => {
    assert.equal(of('{"A":"1","B":"é"}'), of(String.raw`{ "B" : "\u00e9", "A":"1" }`));
  });

  test("differs with a value, a name, one more and one less", () => {
    const all = ['{"A":"1","B":"2"}', '{"A":"1","B":"3"}', '{"A":"1","C":"2"}', '{"A":"1"}', "{}"];
    assert.equal(new Set(all.map(of)).size, all.length);
  });

  test("does not take the end of one for the beginning of the next", () => {
    assert.notEqual(of('{"A":"1","AB":""}'), of('{"A":"","AB":"1"}'));
  });

  test("is another one in every process", () => {
    const { handed } = read('{"A":"1"}');
    assert.notEqual(digest(handed), digester()(handed));
  });
});
