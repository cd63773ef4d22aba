/** Everything about the code that a tool can judge. All of it runs; the failures are named last. */
import { spawnSync } from "node:child_process";
import { checkImports } from "./check-imports.ts";
import { ROOT, runNode } from "./run.ts";

const TSC = "node_modules/typescript/bin/tsc";

const checks: Readonly<Record<string, () => Promise<number> | number>> = {
  "types of the source": async () => runNode(TSC, "-p", "tsconfig.src.json"),
  "types of tests and scripts": async () => runNode(TSC, "-p", "tsconfig.json"),
  lint: async () => runNode("node_modules/oxlint/bin/oxlint"),
  format: async () =>
    runNode("node_modules/prettier/bin/prettier.cjs", "--check", "--log-level=warn", "."),
  "unused code and dependencies": async () => runNode("node_modules/knip/bin/knip.js"),
  "import rules": () => {
    const problems = checkImports();
    for (const problem of problems) console.log(problem);
    return problems.length;
  },
  "ignored files": () => {
    // Whoever gets one from the repository loses what is there by that name.
    const found = spawnSync("git", ["ls-files", "--cached", "--ignored", "--exclude-standard"], {
      cwd: ROOT,
      encoding: "utf8",
    }).stdout;
    if (found !== "") console.log(`committed although .gitignore names it: ${found.trim()}`);
    return found === "" ? 0 : 1;
  },
};

const failed: string[] = [];
for (const [name, check] of Object.entries(checks)) {
  console.log(`check: ${name}`);
  if ((await check()) !== 0) failed.push(name);
}
const total = Object.keys(checks).length;
console.log(`check: ${total - failed.length} passed, ${failed.length} failed`);
if (failed.length > 0) {
  console.log(`check: failed: ${failed.join(", ")} (npm run fix repairs what a tool can)`);
  process.exitCode = 1;
}
