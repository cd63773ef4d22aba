import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { explore } from "../support/explore/explore.ts";
import { makeMutant, MUTANTS } from "../support/explore/mutants.ts";
import { temporaryDirectory } from "../support/temporary.ts";

describe("in every order of events the real code serves what the rules say, and nothing else", () => {
  for (const mode of ["cached", "just-in-time"] as const) {
    for (const from of ["start", "served"] as const) {
      test(`in ${mode} mode, from ${from}, three events deep`, async (t) => {
        const { states, transitions } = await explore({ mode, from, depth: 3, merges: true });
        t.diagnostic(`${states} states, ${transitions} transitions`);
        assert.ok(states > 500, `only ${states} states`);
      });
    }
  }

  test("paths that are taken for one lead to nothing that the others would not", async () => {
    const options = { mode: "cached", from: "served", depth: 3 } as const;
    const all = await explore({ ...options, merges: false });
    const merged = await explore({ ...options, merges: true });
    assert.deepEqual(merged.fingerprints, all.fingerprints);
    assert.ok(merged.transitions < all.transitions);
  });
});

describe("the explorer finds an agent that", { concurrency: 2 }, () => {
  for (const [wrong, mutant] of Object.entries(MUTANTS)) {
    test(wrong, async (t) => {
      const directory = await temporaryDirectory(t);
      await makeMutant(mutant, directory);
      const { from, depth } = mutant;
      const options = ["--mode", "cached", "--from", from, "--depth", String(depth)];
      const child = spawn(process.execPath, ["scripts/explore.ts", ...options], {
        cwd: directory,
        stdio: ["ignore", "ignore", "pipe"],
      });
      const [said] = await Promise.all([text(child.stderr), once(child, "exit")]);
      assert.equal(child.exitCode, 1, said);
      assert.match(said, /\n {2}after: /);
      t.diagnostic(said.trim().replaceAll("\n", ""));
    });
  }
});
