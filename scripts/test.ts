/**
 * Builds the agent, then runs the tests on what was built.
 *
 *   npm test                                  everything but test/long/
 *   npm run test:long                         test/long/ alone, one file after the other
 *   npm test -- test/unit/config              the test files in a folder
 *   npm test -- test/long/soak.test.ts        some files; patterns such as "test/**\/*kms*" work too
 *   npm test -- --test-name-pattern=rollback  arguments with a dash go to `node --test`
 */
import { globSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { build } from "./build.ts";
import { ROOT, runNode } from "./run.ts";

const ALL = "test/**/*.test.ts";
const LONG = path.join("test", "long") + path.sep;

function filesFor(selection: readonly string[]): string[] {
  if (selection.length === 0) {
    return globSync(ALL, { cwd: ROOT }).filter((file) => file.startsWith(LONG) === long);
  }
  return selection.flatMap((name) => {
    const isFolder = statSync(path.join(ROOT, name), { throwIfNoEntry: false })?.isDirectory();
    const found = globSync(isFolder === true ? `${name}/**/*.test.ts` : name, { cwd: ROOT });
    if (found.length === 0) fail(`no test file matches ${name}`);
    return found;
  });
}

function fail(message: string): never {
  console.error(`test: ${message}`);
  process.exit(1);
}

const long = process.argv.includes("--long");
const args = process.argv.slice(2).filter((arg) => arg !== "--long");
const files = filesFor(args.filter((arg) => !arg.startsWith("-"))).toSorted();
if (files.length === 0) fail(`no test file matches ${ALL}`);

await build();
process.exitCode = await runNode(
  "--test",
  "--test-reporter=spec",
  // Node would leave one core free; tests that wait for timers and processes fill both of two.
  `--test-concurrency=${long ? 1 : Math.max(2, availableParallelism())}`,
  `--test-timeout=${long ? 600_000 : 60_000}`,
  ...args.filter((arg) => arg.startsWith("-")),
  ...files,
);
