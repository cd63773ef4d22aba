/**
 * The built agent under reads, rotations and chaos by a seed, every answer held to the rules by an observer
 * that knows nothing of the agent's source; see docs/reliability.md.
 *
 *   npm run soak                                   one minute
 *   npm run soak -- --minutes 60 --seed 7          longer, by a schedule that can be had again
 *   npm run soak -- --picture docs/images/soak.svg
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { build } from "./build.ts";
import { runScript } from "./run.ts";
import { soakPicture } from "./soak/picture.ts";
import { runSoak } from "./soak/run-soak.ts";

await runScript(async () => {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "1" },
      seed: { type: "string", default: "1" },
      picture: { type: "string" },
    },
  });
  const minutes = Number(values.minutes);
  const seed = Number(values.seed);
  if (!(minutes > 0) || !Number.isInteger(seed))
    throw new Error("--minutes and --seed are numbers");
  await build();
  const report = await runSoak({ minutes, seed });
  const { requests, refused, statuses, violations, rotations, starts, deeds, samples } = report;
  for (const lack of report.lacks) console.log(`soak: without ${lack}`);
  const most = (field: "rssMb" | "anonymousMb" | "descriptors"): number =>
    Math.round(samples.reduce((top, sample) => Math.max(top, sample[field] ?? 0), 0));
  console.log(
    `soak: ${minutes} min, seed ${seed}: ${requests} answers, ${refused} connections refused or broken, ${rotations} rotations, ${starts} starts`,
  );
  console.log(`soak: by status ${JSON.stringify(Object.fromEntries(statuses))}`);
  console.log(
    `soak: ${JSON.stringify(Object.fromEntries([...Map.groupBy(deeds, ({ name }) => name)].map(([name, all]) => [name, all.length])))}`,
  );
  console.log(
    `soak: at most ${most("rssMb")} MiB resident, ${most("anonymousMb")} anonymous, ${most("descriptors")} descriptors; slowest revocation ${Math.round(report.slowestRevocationMs)} ms`,
  );
  if (values.picture !== undefined) {
    const title = `npm run soak -- --minutes ${minutes} --seed ${seed}: ${requests} answers`;
    writeFileSync(values.picture, soakPicture(samples, deeds, title));
  }
  for (const violation of violations) console.log(`soak: ${violation}`);
  if (violations.length > 0) throw new Error(`soak: ${violations.length} answers broke a rule`);
});
