/**
 * A fleet of 10,000 agents against one origin, on the real schedule: prints what the origin sees, and
 * writes the same into docs/reliability.md and docs/images/fleet.svg.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "./run.ts";
import { withBlock } from "./simulate/document.ts";
import { reportPicture } from "./simulate/picture.ts";
import { runAll } from "./simulate/phases.ts";
import { reportTable, sparkline } from "./simulate/table.ts";

const DOCUMENT = path.join(ROOT, "docs/reliability.md");
const PICTURE = path.join(ROOT, "docs/images/fleet.svg");

const report = runAll();
const table = reportTable(report);
console.log(table);
console.log("\nPeaks over time, one step = half a steady mean:\n");
for (const { name, perSecond } of [...report.startCurves, ...report.outageCurves]) {
  console.log(`${sparkline(perSecond, report.steadyMean, 72)}  ${name.replaceAll("`", "")}`);
}
await mkdir(path.dirname(PICTURE), { recursive: true });
await writeFile(PICTURE, reportPicture(report));
await writeFile(DOCUMENT, withBlock(await readFile(DOCUMENT, "utf8"), "simulation", table));
console.log("\nwritten: docs/reliability.md, docs/images/fleet.svg");
