/**
 * Tries the built agent by the conformance suite; see conformance/README.md.
 *
 *   npm run conformance                       all of it
 *   npm run conformance -- --only freshness   a chapter, a rule, or a part of a case's title
 *   npm run conformance -- --list             which cases there are
 *   npm run conformance -- -- COMMAND         another agent
 */
import path from "node:path";
import { build, EXECUTABLE } from "./build.ts";
import { ROOT, runNode } from "./run.ts";

const args = process.argv.slice(2);
if (!args.includes("--")) {
  await build();
  args.push("--", process.execPath, EXECUTABLE);
}
process.exitCode = await runNode(path.join(ROOT, "conformance/main.ts"), ...args);
