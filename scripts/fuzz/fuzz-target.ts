import { bundleTarget, type FuzzBundle } from "./bundle.ts";
import { corpusOf, keepFinding, lineOf, writeCorpus } from "./corpus.ts";
import type { Orders } from "./orders.ts";
import { runLoop } from "./process.ts";
import type { Report } from "./reports.ts";

/** After so many findings a target is left alone: they are most likely one. */
const MOST_FINDINGS = 5;
/** Where Node.js ends so often by itself, nobody can say that the target was run. */
const MOST_CRASHES = 5;

export interface Settings extends Pick<Orders, "seconds" | "runs" | "seed"> {
  /** Whether to keep what led to new branches. */
  readonly grow: boolean;
  /** Whether to show the branches that nothing took. */
  readonly untaken: boolean;
}

/** @returns what is wrong, to be shown once more at the end. */
export async function fuzzTarget(name: string, settings: Settings): Promise<readonly string[]> {
  const { file, places } = await bundleTarget(name);
  const startedMs = performance.now();
  const secondsSoFar = (): number => (performance.now() - startedMs) / 1_000;
  const findings: string[] = [];
  const found = (input: string, fault: string): void => {
    const finding = `${name}: ${fault}\n  input: ${lineOf(input)}`;
    console.log(finding);
    findings.push(finding);
    keepFinding(name, input);
  };
  const onReport = (report: Report): boolean => {
    if (report.kind === "fault") found(report.input, report.fault);
    else conclude(name, places, report, findings.length, settings);
    return findings.length < MOST_FINDINGS;
  };
  const common = { places: places.length, corpus: corpusOf(name), runs: settings.runs };
  for (let crashes = 0; crashes < MOST_CRASHES; crashes++) {
    const seed = settings.seed + crashes;
    const seconds = Math.max(0, settings.seconds - secondsSoFar());
    const { how, input, run } = await runLoop({
      file,
      orders: { ...common, seconds, seed },
      onReport,
    });
    const text = input.toString("latin1");
    if (how === "hung") found(text, "it does not end");
    if (how === "hung" || how === "done" || how === "stopped") return findings;
    if (how === "uncaught") continue;
    const what = `Node.js ended by itself (${how.crash})`;
    if (run === 0) return [`${name}: ${what} before the first input`];
    const again = await runLoop({
      file,
      orders: { ...common, corpus: [text], seconds: 0, seed },
      onReport: () => true,
    });
    if (typeof again.how === "object") {
      found(text, `${what}, and does with that input alone`);
      return findings;
    }
    console.log(
      `${name}: ${what} in run ${run} with seed ${seed}, and does not with the last input alone:\n  input: ${lineOf(text)}`,
    );
  }
  if (findings.length > 0) return findings;
  return [`${name}: it did not run through, as Node.js ended ${MOST_CRASHES} times`];
}

function conclude(
  name: string,
  places: FuzzBundle["places"],
  { runs, cpuSeconds, taken, corpus }: Extract<Report, { kind: "end" }>,
  findings: number,
  { grow, untaken }: Settings,
): void {
  if (grow && findings === 0) writeCorpus(name, corpus);
  const perSecond = Math.round(runs / cpuSeconds);
  console.log(
    `${name}: ${runs} runs (${perSecond} per second of processor time), ${taken.length} of ${places.length} branches, ${findings} findings`,
  );
  if (!untaken) return;
  const known = new Set(taken);
  for (const place of new Set(places.filter((_, index) => !known.has(index)))) {
    console.log(`  ${place}`);
  }
}
