import { describe, test } from "node:test";
import { corpusOf, TARGETS } from "../../scripts/fuzz/corpus.ts";
import type { FuzzTarget } from "./target.ts";

// Each target has the time of a test. A target may do to its process what no neighbour in test/unit could bear.
const TIME = { timeout: 600_000 };

describe("no input that fuzzing kept, nor any it began with, is a finding:", TIME, () => {
  for (const name of TARGETS) {
    test(name, async (t) => {
      const { target } = (await import(`./targets/${name}.ts`)) as { target: FuzzTarget };
      t.after(() => target.close?.());
      const seeds = target.seeds.map((seed) => Buffer.from(seed));
      const corpus = corpusOf(name).map((input) => Buffer.from(input, "latin1"));
      for (const input of [...seeds, ...corpus]) await target.run(input);
    });
  }
});
