import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { onceMore, type Run, type Second, told } from "../../../scripts/once-more.ts";
import { ROOT } from "../../../scripts/run.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const REPORTER = join(ROOT, "scripts/failures.ts");

/** Runs files by Node.js's own runner, and then once more what failed. */
async function twice(
  t: TestContext,
  texts: Readonly<Record<string, string>>,
  loader?: readonly string[],
): Promise<{ second: Second; ran: readonly (readonly string[])[] }> {
  const folder = await temporaryDirectory(t);
  const place = (name: string): string => join(folder, name);
  await Promise.all(
    Object.entries(texts).map(([name, text]) =>
      writeFile(place(name), `import { describe, test } from "node:test";\n${text}`),
    ),
  );
  const names = Object.keys(texts);
  const files = names.map((name) => relative(ROOT, place(name)));
  const ran: (readonly string[])[] = [];
  const run = async (given: readonly string[]): Promise<Run> => {
    ran.push(given.map((file) => relative(folder, join(ROOT, file))));
    const failures = place(`failures-${ran.length}`);
    const args = [
      "--test",
      `--test-reporter=${REPORTER}`,
      `--test-reporter-destination=${failures}`,
    ];
    // A test run would take it for a part of this one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const child = spawn(process.execPath, [...args, ...given], { cwd: ROOT, env });
    const exitCode = await new Promise<number>((resolve) =>
      child.once("close", (code) => resolve(code ?? 1)),
    );
    return { exitCode, failures };
  };
  let first = files;
  if (loader !== undefined) {
    const lines = loader.map((name) => `import ${JSON.stringify(place(name))};\n`);
    await writeFile(place("loader.mjs"), lines.join(""));
    first = [relative(ROOT, place("loader.mjs"))];
  }
  const second = await onceMore(await run(first), files, run);
  return { second, ran: ran.slice(1) };
}

/** Fails when it runs for the first time, in this file's own process or another. */
const FAILS_ONCE = `
  import { existsSync, writeFileSync } from "node:fs";
  const mark = import.meta.filename + ".ran";
  const failOnce = () => {
    if (existsSync(mark)) return;
    writeFileSync(mark, "");
    throw new Error("at first");
  };`;
const FLAKY = `${FAILS_ONCE}
  describe("a suite", () => {
    test("hopes", failOnce);
    test("is fine", () => undefined);
  });`;
const BROKEN = `test("is broken", () => { throw new Error("always"); });`;
const FINE = `test("is fine", () => undefined);`;

describe("a second look at failures", () => {
  test("takes the files alone in which something failed, and names what passes then", async (t) => {
    const { second, ran } = await twice(t, { "a.mjs": FLAKY, "b.mjs": FINE });
    assert.deepEqual(ran, [["a.mjs"]]);
    assert.equal(second.exitCode, 0);
    assert.deepEqual(
      second.passedAlone.map(({ name }) => name),
      ["a suite > hopes"],
    );
  });

  test("fails for what fails again, and does not name it", async (t) => {
    const { second, ran } = await twice(t, { "a.mjs": FLAKY, "b.mjs": BROKEN, "c.mjs": FINE });
    assert.deepEqual(ran, [["a.mjs", "b.mjs"]]);
    assert.equal(second.exitCode, 1);
    assert.deepEqual(
      second.passedAlone.map(({ name }) => name),
      ["a suite > hopes"],
    );
  });

  test("finds the file of a failure where one process had loaded several", async (t) => {
    const texts = { "a.mjs": FINE, "b.mjs": FLAKY };
    const { second, ran } = await twice(t, texts, ["a.mjs", "b.mjs"]);
    assert.deepEqual(ran, [["b.mjs"]]);
    assert.equal(second.exitCode, 0);
    assert.equal(second.passedAlone.length, 1);
  });

  test("takes a file whose process ended for one that failed", async (t) => {
    const dies = `${FAILS_ONCE}\ntry { failOnce(); } catch { process.exit(3); }\n${FINE}`;
    const { second, ran } = await twice(t, { "a.mjs": dies });
    assert.deepEqual(ran, [["a.mjs"]]);
    assert.equal(second.exitCode, 0);
    assert.equal(second.passedAlone.length, 1);
  });

  test("is not taken at so many that they are no accident", async (t) => {
    const names = Array.from({ length: 9 }, (_, index) => `${index}.mjs`);
    const { second, ran } = await twice(t, Object.fromEntries(names.map((name) => [name, FLAKY])));
    assert.deepEqual(ran, []);
    assert.equal(second.exitCode, 1);
    assert.deepEqual(second.passedAlone, []);
  });

  test("tells what passed in one line", () => {
    const failure = { name: "a > b", entry: join(ROOT, "x.test.ts"), file: "" };
    const line = "failed at first, passed alone: x.test.ts: a > b; x.test.ts: a > b";
    assert.equal(told([failure, failure], ["x.test.ts"]), line);
  });
});
