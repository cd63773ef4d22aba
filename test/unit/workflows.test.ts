import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { parseDocument } from "yaml";
import { TARGETS } from "../../scripts/binary/targets.ts";
import { ROOT } from "../../scripts/run.ts";

const WORKFLOWS = globSync(".github/workflows/*.yml", { cwd: ROOT }).map((file) => {
  const text = readFileSync(path.join(ROOT, file), "utf8");
  return { file, text, document: parseDocument(text) };
});

for (const { file, text, document } of WORKFLOWS) {
  test(`${file} is YAML`, () => {
    assert.deepEqual(document.errors, []);
    assert.deepEqual(document.warnings, []);
  });

  test(`${file} pins every action to a commit, and says which version that is`, () => {
    const uses = text.split("\n").filter((line) => /^\s*(?:- )?uses:/.test(line));
    assert.ok(uses.length > 0);
    for (const line of uses) {
      assert.match(line, /uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test(`${file} has no rights at its top but to read`, () => {
    const permissions = document.get("permissions");
    assert.deepEqual(JSON.parse(JSON.stringify(permissions)), { contents: "read" });
  });
}

test("a release builds an executable for every target", () => {
  const release = WORKFLOWS.find(({ file }) => file.endsWith("release.yml"));
  const place = ["jobs", "executables", "strategy", "matrix", "include"];
  const include = JSON.parse(JSON.stringify(release?.document.getIn(place))) as readonly {
    readonly target: string;
  }[];
  const built = include.map(({ target }) => target);
  assert.deepEqual(built.toSorted(), TARGETS.map(({ name }) => name).toSorted());
});

test("a job of a release that has rights installs and runs nothing of the repository or of a package", () => {
  const release = WORKFLOWS.find(({ file }) => file.endsWith("release.yml"));
  const jobs = JSON.parse(JSON.stringify(release?.document.get("jobs"))) as Readonly<
    Record<string, { readonly permissions?: object; readonly steps: readonly Step[] }>
  >;
  const trusted = Object.entries(jobs).filter(([, { permissions }]) => permissions !== undefined);
  assert.deepEqual(
    trusted.map(([name]) => name),
    ["publish"],
  );
  for (const [, { steps }] of trusted) {
    for (const { run = "", uses = "" } of steps) {
      assert.doesNotMatch(uses, /^actions\/checkout@/);
      assert.doesNotMatch(
        run,
        /npm (?:ci|install|run|test|exec|pack)|npx |(?:node|tsx) [\w./-]+|\.ci\//,
      );
      if (run.includes("npm publish")) assert.match(run, /--ignore-scripts \S+\.tgz/);
    }
  }
});

interface Step {
  readonly run?: string;
  readonly uses?: string;
}
