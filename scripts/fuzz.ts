/**
 * Coverage-guided fuzzing of all that reads what strangers write; see docs/reliability.md.
 *
 *   npm run fuzz                              every target, 20 seconds each
 *   npm run fuzz -- --seconds 600 http        one target for longer
 *   npm run fuzz -- --grow                    keeps what led to new branches in test/fuzz/corpus
 *
 * A finding is written to test/fuzz/corpus too, where `npm test` runs it from then on, and ends with code 1.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { bundleTarget } from "./fuzz/bundle.ts";
import { corpusOf, keepInput, TARGETS, writeCorpus } from "./fuzz/corpus.ts";
import { boardOn, type LoopData, type LoopMessage, sharedBoard } from "./fuzz/messages.ts";
import { runScript } from "./run.ts";

/** One input that runs for this long has hung, however busy the machine is. */
const HANGS_MS = 120_000;
const LOOK_MS = 1_000;
/** After so many findings a target is left alone: they are most likely one. */
const MOST_FINDINGS = 5;

interface Settings {
  readonly seconds: number;
  readonly seed: number;
  readonly grow: boolean;
}

/** @returns how many findings there were. */
async function fuzzTarget(name: string, { seconds, seed, grow }: Settings): Promise<number> {
  const { file, places } = await bundleTarget(name);
  const shared = sharedBoard();
  const corpus = corpusOf(name);
  const data: LoopData = { places, seconds, seed, corpus, shared };
  const worker = new Worker(file, { workerData: data });
  const board = boardOn(shared);
  const ended = Promise.withResolvers<undefined>();
  const startedMs = performance.now();
  let findings = 0;
  const found = (input: Uint8Array, fault: string): void => {
    findings++;
    console.log(
      `${name}: ${fault}\n  input: ${JSON.stringify(Buffer.from(input).toString("latin1"))}`,
    );
    keepInput(name, input);
    if (findings >= MOST_FINDINGS) ended.resolve(undefined);
  };
  worker.on("message", (message: LoopMessage) => {
    if (message.kind === "fault") {
      found(message.input, message.fault);
      return;
    }
    if (grow && findings === 0) writeCorpus(name, message.corpus);
    const perSecond = Math.round(message.runs / ((performance.now() - startedMs) / 1_000));
    console.log(
      `${name}: ${message.runs} runs (${perSecond}/s), ${message.branches} of ${places} branches, ${findings} findings`,
    );
    ended.resolve(undefined);
  });
  worker.on("error", (error) => {
    found(board.look().input, `it ended the thread: ${String(error)}`);
    ended.resolve(undefined);
  });
  let last = { run: -1, sinceMs: 0 };
  const watch = setInterval(() => {
    const { input, run } = board.look();
    if (run !== last.run) last = { run, sinceMs: performance.now() };
    else if (performance.now() - last.sinceMs > HANGS_MS) {
      found(input, `it has run for ${HANGS_MS / 1_000} s and does not end`);
      ended.resolve(undefined);
    }
  }, LOOK_MS);
  await ended.promise;
  clearInterval(watch);
  return findings;
}

await runScript(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "20" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      grow: { type: "boolean", default: false },
    },
  });
  const unknown = positionals.find((name) => !TARGETS.includes(name));
  if (unknown !== undefined)
    throw new Error(`no target ${unknown}; there are ${TARGETS.join(", ")}`);
  const settings = {
    seconds: Number(values.seconds),
    seed: Number(values.seed),
    grow: values.grow,
  };
  if (!(settings.seconds >= 0)) throw new Error("--seconds is a number");
  console.log(`fuzz: seed ${settings.seed}`);
  const names = positionals.length === 0 ? TARGETS : positionals;
  const [only] = names;
  if (only !== undefined && names.length === 1) {
    const findings = await fuzzTarget(only, settings);
    // At once: a target may have left sockets open in its thread.
    process.exit(findings === 0 ? 0 : 1);
  }
  const failed: string[] = [];
  for (const name of names) if (!(await ranWell(name, settings))) failed.push(name);
  if (failed.length > 0) throw new Error(`fuzz: findings in ${failed.join(", ")}`);
});

/**
 * Runs one target in a process of its own, so that what ends Node.js itself ends this target alone. That is
 * tried once more with the same seed: if it does not come back it was no input's doing.
 */
async function ranWell(name: string, { seconds, seed, grow }: Settings): Promise<boolean> {
  const args = ["--seconds", String(seconds), "--seed", String(seed), ...(grow ? ["--grow"] : [])];
  for (let attempt = 1; ; attempt++) {
    const child = spawn(process.execPath, [import.meta.filename, ...args, name], {
      stdio: "inherit",
    });
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    if (signal === null) return code === 0;
    console.log(`${name}: Node.js ended by ${signal} with seed ${seed}, attempt ${attempt}`);
    if (attempt === 2) return false;
  }
}
