/**
 * Measures the built agent against a bare node:http server that gives the same answers. See
 * docs/performance.md for what the numbers mean.
 *
 *   npm run bench                      some minutes
 *   npm run bench -- --quick           shorter rounds, rougher numbers
 *   npm run bench -- --json out.json   elsewhere than bench/results/latest.json
 *   npm run bench -- --against REV     beside the agent of another commit; fails where it has become slower
 *   npm run bench -- --against documented   beside the one that docs/performance.md says CI compares with
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { against } from "./against.ts";
import { measureDecrypts } from "./decrypts.ts";
import { measureFirstLine } from "./first-line.ts";
import { measureMemory } from "./memory.ts";
import { measurePeaks } from "./peaks.ts";
import { describeMachine, type Row, table } from "./report.ts";
import { HangingCollector, measureStop } from "./telemetry.ts";
import { measureServing, type ServingPlan } from "./serving.ts";
import { measureStartup } from "./startup.ts";
import { measureTags } from "./tags.ts";
import { measureWaiting } from "./waiting.ts";
import { compare, type Comparison } from "./stats.ts";
import { type Case, secretName, TWENTY, Workspace } from "./workspace.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    against: { type: "string" },
    json: { type: "string", default: path.join(import.meta.dirname, "results", "latest.json") },
  },
});
if (process.platform !== "linux") throw new Error("the benchmark reads /proc, so it needs Linux");
const lives = values.quick ? 2 : 5;
const blocksPerLife = values.quick ? 2 : 3;
const rows: Row[] = [];
const progress = (text: string): boolean => process.stderr.write(`bench: ${text}\n`);

function add(what: string, unit: string, comparison: Comparison, target?: number): void {
  rows.push({ what, unit, target, ...comparison });
}

async function serving(
  label: string,
  what: Case,
  requestsPerRound: number,
  target?: number,
): Promise<void> {
  progress(label);
  const plan: ServingPlan = { ...what, requestsPerRound, lives, blocksPerLife };
  const result = await measureServing(await workspace.starters(what), plan);
  add(`${label}: server CPU per request`, "µs", result.cpuMicros, target);
  add(`${label}: requests per second`, "/s", result.perSecond);
  add(`${label}: 99th percentile`, "ms", result.p99Ms);
}

if (values.against !== undefined) {
  process.exit(await against(values.against, { lives, blocksPerLife }, progress));
}
await using workspace = await Workspace.open();
await serving("20 keys", TWENTY, 15_000, 1.05);
await serving("1,000 keys", { ...TWENTY, keys: 1_000 }, 8_000, 1.05);
await serving("10,000 keys", { ...TWENTY, keys: 10_000 }, 1_000);
await serving("just-in-time, 20 keys", { ...TWENTY, justInTime: true }, 3_000, 1.4);
const THOUSAND_DECRYPTED = { ...TWENTY, keys: 1_000, justInTime: true };
await serving("just-in-time, 1,000 keys", THOUSAND_DECRYPTED, 1_000, 1.6);
const ONE = { keys: 20, path: `${TWENTY.path}/${secretName(7)}` };
await serving("one of 20 keys", ONE, 15_000, 1.08);

progress("start");
const spawns = values.quick ? 20 : 60;
const npmStarters = await workspace.starters(TWENTY);
add("spawn to first secret", "ms", await measureStartup(npmStarters, spawns), 1.25);

progress("executable");
{
  const start = await workspace.executableStarters(TWENTY);
  add("executable: spawn to first secret", "ms", await measureStartup(start, spawns), 1.1);
  const beside = { agent: start.agent, bare: start.npm };
  const startup = await measureStartup(beside, spawns);
  add("executable (bare: npm form): spawn to first secret", "ms", startup, 1);
  const { idle } = await measureMemory(start, { starts: values.quick ? 3 : 7, requests: 1_000 });
  add("executable: anonymous memory, idle", "MiB", idle);
  const mib = (bytes: number): number => bytes / 1024 / 1024;
  const { agent, bare } = start.sizes;
  add("executable: size", "MiB", compare([{ agent: mib(agent), bare: mib(bare) }]));
}

progress("exec");
{
  const { npm, executable, env, variables } = await workspace.runners(TWENTY);
  for (const [what, lines] of [
    ["exec (bare: the command alone)", { agent: npm, bare: [] }],
    ["exec (bare: env with the secrets)", { agent: npm, bare: env }],
    ["executable: exec (bare: env with the secrets)", { agent: executable, bare: env }],
  ] as const) {
    const firstLine = await measureFirstLine(lines, variables, spawns);
    add(`${what}: spawn to the command's first line`, "ms", firstLine);
  }
}

progress("memory");
const requests = values.quick ? 100_000 : 1_000_000;
const memory = await measureMemory(await workspace.starters(TWENTY), {
  starts: values.quick ? 3 : 7,
  requests,
});
add("anonymous memory, idle", "MiB", memory.idle, 1.05);
add(`anonymous memory after ${requests.toLocaleString("en")} requests`, "MiB", memory.worked);

for (const { what, mostMiB, mib } of await measurePeaks(workspace, progress)) {
  add(`peak of anonymous memory, ${what}`, "MiB", mib);
  if (mib.agent > mostMiB) progress(`more than ${mostMiB} MiB: ${what}`);
}

progress("decryption");
const plan = { decryptsPerRound: 500, blocks: lives * blocksPerLife };
const decrypts = await measureDecrypts(workspace, plan);
add("decrypt 20 keys (bare: OpenSSL): CPU", "µs", decrypts.file.cpuMicros);
add("decrypt 20 keys (bare: OpenSSL): decrypts per second", "/s", decrypts.file.perSecond);
add("just-in-time read of 20 keys (bare: OpenSSL): CPU", "µs", decrypts.read.cpuMicros, 3);
add("just-in-time reads of 20 keys (bare: OpenSSL) per second", "/s", decrypts.read.perSecond);

progress("waiting for a change");
{
  const waiting = await measureWaiting(async () => workspace.rotating(), {
    rotations: values.quick ? 100 : 1_000,
    polledRotations: values.quick ? 2 : 10,
    polling: values.quick ? 50 : 100,
  });
  const heard = "a change until a client hears of it, waiting (bare: asking every second)";
  add(`${heard}: median`, "ms", waiting.p50Ms);
  add(`${heard}: 99th percentile`, "ms", waiting.p99Ms);
  const { waiting: agent, connected: bare } = waiting.atRestMs;
  const atRest = compare([{ agent, bare }]);
  add("256 waiting (bare: connected alone): CPU of 10 s at rest", "ms", atRest);
  progress(`256 waiting requests add ${waiting.addedMiB.toFixed(1)} MiB to their connections`);
  const tags = { answers: 200_000, blocks: lives * blocksPerLife };
  for (const [what, target] of [
    ["20 keys", TWENTY.path],
    ["one of 20 keys", `${TWENTY.path}/${secretName(7)}`],
  ] as const) {
    const cost = await measureTags(target, tags);
    add(`${what} (bare: a tag that is there): CPU of the answer's making`, "µs", cost);
  }
}

progress("telemetry to a collector that hangs");
{
  await using collector = await HangingCollector.start();
  const start = await workspace.telemetryStarters(TWENTY, collector.url);
  const of = (what: string): string => `telemetry that hangs (bare: none): ${what}`;
  const served = await measureServing(start, {
    ...TWENTY,
    requestsPerRound: 15_000,
    lives,
    blocksPerLife,
  });
  add(of("server CPU per request"), "µs", served.cpuMicros, 1.05);
  add(of("99th percentile"), "ms", served.p99Ms, 1.05);
  const stops = values.quick ? 3 : 10;
  add(of("SIGTERM to the end"), "ms", await measureStop(start, stops), 1.1);
  const held = await measureMemory(start, { starts: values.quick ? 1 : 3, requests });
  add(of("anonymous memory, idle"), "MiB", held.idle);
  add(of(`anonymous memory after ${requests.toLocaleString("en")} requests`), "MiB", held.worked);
}

const machine = describeMachine();
const quick = values.quick ? ", quick rounds" : "";
console.log(
  `\n${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}, ` +
    `commit ${machine.commit}, ${machine.date}${quick}\n\n${table(rows)}\n`,
);
await mkdir(path.dirname(path.resolve(values.json)), { recursive: true });
await writeFile(
  values.json,
  `${JSON.stringify({ machine, quick: values.quick, rows }, null, 2)}\n`,
);
progress(`results in ${path.relative(process.cwd(), values.json)}`);
