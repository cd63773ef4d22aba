/**
 * Tries the built agent by the conformance suite; see conformance/README.md.
 *
 *   npm run conformance                       all of it
 *   npm run conformance -- --executable       the same on the executable that needs no Node.js
 *   npm run conformance -- --only freshness   a chapter, a rule, or a part of a case's title
 *   npm run conformance -- --list             which cases there are
 *   npm run conformance -- -- COMMAND         another agent
 */
import path from "node:path";
import { HOST, TARGETS } from "./binary/targets.ts";
import { buildBinaries, HOST_BINARY } from "./build-binary.ts";
import { build, EXECUTABLE } from "./build.ts";
import { ROOT, runNode } from "./run.ts";

/** It runs with a switch of Node.js that keeps the inspector closed, and takes SIGUSR1 away. */
const WITHOUT_AS_EXECUTABLE = ["sigusr1"];

/** The command line of our agent, and what it does not claim to do. */
async function ours(isExecutable: boolean): Promise<readonly string[]> {
  if (!isExecutable) {
    await build();
    return ["--", process.execPath, EXECUTABLE];
  }
  await buildBinaries(TARGETS.filter(({ name }) => name === HOST));
  return ["--without", WITHOUT_AS_EXECUTABLE.join(), "--", HOST_BINARY];
}

const args = process.argv.slice(2).filter((arg) => arg !== "--executable");
const agent = args.includes("--") ? [] : await ours(process.argv.includes("--executable"));
process.exitCode = await runNode(path.join(ROOT, "conformance/main.ts"), ...args, ...agent);
