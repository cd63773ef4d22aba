/**
 * Builds the agent, then runs the tests on what was built.
 *
 *   npm test                                  everything but what has a command of its own
 *   npm run test:long                         test/long/ alone, one file after the other; and test/property/
 *                                             once more, with all the inputs that it has
 *   npm run test:interop                      test/interop/ alone: other people's tools, where installed
 *   npm run test:package                      test/package/: each form that is shipped; and test/process/
 *                                             once more, on the executable
 *   npm run test:containers                   test/containers/: the image by Docker, the unit by systemd
 *   npm run test:kubernetes                   test/kubernetes/: the manifests on a control plane of our own
 *   npm test -- test/unit/config              the test files in a folder
 *   npm test -- test/long/soak.test.ts        some files; patterns such as "test/**\/*kms*" work too
 *   npm test -- --test-name-pattern=rollback  arguments with a dash go to `node --test`
 *   npm test -- --retry-failed                the files in which something fails run once more, alone; what
 *                                             fails again fails the run, the rest is a line at the end
 *
 * CLEF_TEST_NOTES names a file to which that line is added.
 */
import { globSync, statSync } from "node:fs";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { HOST, TARGETS } from "./binary/targets.ts";
import { buildBinaries, HOST_BINARY } from "./build-binary.ts";
import { build } from "./build.ts";
import { onceMore, type Run, told } from "./once-more.ts";
import { packTarball } from "./pack-tarball.ts";
import { ROOT, runNode } from "./run.ts";
import { together } from "./together.ts";

const ALL = "test/**/*.test.ts";
/** Those that have a command of their own. */
const APART = ["long", "interop", "package", "containers", "kubernetes"] as const;

function filesFor(selection: readonly string[]): string[] {
  if (selection.length === 0) {
    const all = globSync(ALL, { cwd: ROOT });
    return all.filter(
      (file) =>
        APART.find((name) => isIn(name, file)) === apart ||
        (apart === "package" && isIn("process", file)) ||
        (apart === "long" && isIn("property", file)),
    );
  }
  return selection.flatMap((name) => {
    const isFolder = statSync(path.join(ROOT, name), { throwIfNoEntry: false })?.isDirectory();
    const found = globSync(isFolder === true ? `${name}/**/*.test.ts` : name, { cwd: ROOT });
    if (found.length === 0) fail(`no test file matches ${name}`);
    return found;
  });
}

function isIn(name: string, file: string): boolean {
  return file.startsWith(path.join("test", name) + path.sep);
}

function fail(message: string): never {
  console.error(`test: ${message}`);
  process.exit(1);
}

const apart = APART.find((name) => process.argv.includes(`--${name}`));
/** Whose files need the machine for themselves, one after the other. */
const isAlone = apart === "long" || apart === "containers" || apart === "kubernetes";
const RETRY = "--retry-failed";
const isRetried = process.argv.includes(RETRY);
const args = process.argv.slice(2).filter((arg) => arg !== `--${apart}` && arg !== RETRY);
const files = filesFor(args.filter((arg) => !arg.startsWith("-"))).toSorted();
if (files.length === 0) fail(`no test file matches ${ALL}`);

// The layer, which AWS's emulator runs, has the executable in it.
if (apart !== undefined && apart !== "long") {
  await buildBinaries(TARGETS.filter(({ name }) => name === HOST));
} else {
  await build();
}
if (apart === "long") process.env["CLEF_TEST_RUNS"] = "all";
const made = await mkdtemp(path.join(tmpdir(), "clef-agent-tests-"));
if (apart === "package") {
  process.env["CLEF_TEST_AGENT"] = HOST_BINARY;
  // Once for all files that install it.
  process.env["CLEF_TEST_TARBALL"] = JSON.stringify(await packTarball(made));
}

async function run(given: readonly string[], concurrency: number, failures: string): Promise<Run> {
  const exitCode = await runNode(
    "--test",
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${path.join(import.meta.dirname, "failures.ts")}`,
    `--test-reporter-destination=${failures}`,
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${isAlone ? 600_000 : apart === undefined ? 120_000 : 240_000}`,
    ...args.filter((arg) => arg.startsWith("-")),
    ...given,
  );
  return { exitCode, failures };
}

// Node would leave one core free. Tests wait for timers and processes for much of their time, so three files fill two.
const cores = Math.max(2, availableParallelism());
const concurrency = isAlone ? 1 : apart === undefined ? Math.ceil(1.5 * cores) : cores;
const first = await run(await together(files, made), concurrency, path.join(made, "first"));
if (first.exitCode === 0 || !isRetried) {
  process.exitCode = first.exitCode;
} else {
  const { exitCode, passedAlone } = await onceMore(first, files, (again) =>
    run(again, 1, path.join(made, "second")),
  );
  process.exitCode = exitCode;
  if (passedAlone.length > 0) {
    const line = told(passedAlone, files);
    console.log(`test: ${line}`);
    const notes = process.env["CLEF_TEST_NOTES"];
    if (notes !== undefined) await appendFile(notes, `${line}\n`);
  }
}
await rm(made, { recursive: true, force: true });
