/** Repairs what the tools of `npm run check` can repair by themselves. */
import { runNode } from "./run.ts";

const lint = await runNode("node_modules/oxlint/bin/oxlint", "--fix");
const format = await runNode(
  "node_modules/prettier/bin/prettier.cjs",
  "--write",
  "--log-level=warn",
  ".",
);
process.exitCode = lint === 0 && format === 0 ? 0 : 1;
