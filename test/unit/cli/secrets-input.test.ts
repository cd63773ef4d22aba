import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readSecrets } from "../../../src/cli/secrets-input.ts";
import { coded } from "../../support/errors.ts";

const read = async (text: string, namespace?: string): Promise<unknown> =>
  JSON.parse(
    (await readSecrets(Buffer.from(text), "-", undefined, namespace)).bytes.toString("utf8"),
  );

describe("YAML", () => {
  test("with merge keys is read with what they bring, and what stands beside them wins", async () => {
    const text = "a: &base\n  A: 1\n  B: 2\nb:\n  <<: *base\n  B: 3\n";
    assert.deepEqual(await read(text), { a: { A: "1", B: "2" }, b: { A: "1", B: "3" } });
  });

  const laughs = ["a: &a0 x"];
  for (let depth = 1; depth < 9; depth++) {
    const before = `*a${depth - 1}, `;
    laughs.push(`a${depth}: &a${depth} [${before.repeat(9)}${before}]`);
  }
  for (const [what, text, problem] of [
    ["with an alias to nothing", "a: *sk_mark", /aliases/],
    ["with aliases of aliases", laughs.join("\n"), /aliases/],
    ["that merges a text", "a:\n  <<: sk_mark", /merge key/],
    ["with a tag of a type", "a: 1\nb: !!int sk_mark", /line 2 has a value with a tag/],
    ["with a tag of somebody's own", "a: !vault sk_mark", /line 1 has a value with a tag/],
  ] as const) {
    test(`${what} is refused, and not repeated`, async () => {
      await assert.rejects(read(text), coded("input_invalid", problem));
      await assert.rejects(read(text), (error: Error) => !error.message.includes("sk_mark"));
    });
  }
});

describe("a namespace", () => {
  for (const text of ['{"A":"1","B":"2"}', "A=1\nB=2\n", "A: 1\nB: 2\n"]) {
    test(`takes flat secrets: ${JSON.stringify(text)}`, async () => {
      assert.deepEqual(await read(text, "app"), { app: { A: "1", B: "2" } });
    });
  }

  test("takes none that have one already", async () => {
    await assert.rejects(read('{"x":{"A":"1"}}', "app"), coded("input_invalid", /--namespace/));
  });
});
