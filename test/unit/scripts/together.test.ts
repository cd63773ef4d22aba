import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { describe, test } from "node:test";
import { together } from "../../../scripts/together.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

describe("test files that run several in one process", () => {
  test("are all loaded, each once, and the others stay as they are", async (t) => {
    const directory = await temporaryDirectory(t);
    const inside = Array.from({ length: 20 }, (_, index) => `test/unit/${index}.test.ts`);
    const outside = ["test/faults/a.test.ts", "test/process/b.test.ts"];
    const given = await together([...outside, ...inside], directory);
    const made = (await readdir(directory)).map((name) => `${directory}/${name}`);
    assert.deepEqual(given.toSorted(), [...outside, ...made].toSorted());
    const lines = made.map((file) => readFileSync(file, "utf8")).join("");
    const loaded = [...lines.matchAll(/(test\/unit\/\d+\.test\.ts)";\n/g)].map(([, file]) => file);
    assert.deepEqual(new Set(loaded), new Set(inside));
    assert.equal(loaded.length, inside.length);
  });

  test("have no hook outside a `describe`, which would be one of their neighbours too", () => {
    const files = globSync("test/{unit,property}/**/*.test.ts");
    assert.ok(files.length > 100);
    for (const file of files) {
      assert.doesNotMatch(readFileSync(file, "utf8"), /^(?:before|after)(?:Each)?\(/m, file);
    }
  });
});
