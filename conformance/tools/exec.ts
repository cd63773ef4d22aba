import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { World } from "../suite/world.ts";
import type { Agent, Environment } from "./agent.ts";
import { type Artifact, pack } from "./artifact.ts";
import { eventually } from "./expect.ts";
import { AGE } from "./keys.ts";

/** A command that prints its environment and its arguments as JSON, and ends. */
const PRINT_ENV: readonly string[] = [
  process.execPath,
  "-e",
  "process.stdout.write(JSON.stringify(process.env))",
];

export interface Execed {
  readonly agent: Agent;
  /** Puts an artifact in the place of the one that is there; the file is watched. */
  readonly put: (artifact: Artifact) => Promise<void>;
}

/** `exec` with these options, on a file that holds these secrets or this artifact. */
export async function exec(
  world: World,
  what: { readonly secrets: object | string } | { readonly artifact: Artifact },
  options: readonly string[],
  command: readonly string[],
  env: Environment = {},
): Promise<Execed> {
  const source = path.join(await world.directory(), "artifact.json");
  const put = async (artifact: Artifact): Promise<void> => {
    await writeFile(`${source}.new`, JSON.stringify(artifact));
    await rename(`${source}.new`, source);
  };
  await put("artifact" in what ? what.artifact : pack(what.secrets));
  const agent = await world.agent(
    { CLEF_AGENT_SOURCE: source, CLEF_AGENT_AGE_KEY: AGE.identity, ...env },
    ["exec", ...options, "--", ...command],
  );
  return { agent, put };
}

/** The environment that a command gets. */
export async function environmentOf(
  world: World,
  secrets: object,
  options: readonly string[] = [],
  env: Environment = {},
): Promise<Readonly<Record<string, string>>> {
  const { agent } = await exec(world, { secrets }, options, PRINT_ENV, env);
  const code = await agent.ended();
  if (code !== 0) throw new Error(`exec ended with ${code}: ${agent.stderr}`);
  return JSON.parse(agent.stdout) as Readonly<Record<string, string>>;
}

/** A program that writes a line to a file when it starts, gets a signal, and ends. */
export interface Recorder {
  readonly command: readonly string[];
  /** What it wrote so far. */
  readonly lines: () => Promise<readonly string[]>;
  readonly wrote: (line: string, seconds?: number) => Promise<void>;
}

/** All that are passed on. */
export const SIGNALS = ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "PWR", "WINCH"];

const PROGRAM = `
const { appendFileSync } = require("node:fs");
const [file, endsOn, slow] = process.argv.slice(1);
const write = (line) => appendFileSync(file, line + "\\n");
appendFileSync(file + ".pids", process.pid + "\\n");
for (const name of ${JSON.stringify(SIGNALS)}) {
  process.on("SIG" + name, () => {
    write("SIG" + name);
    if (endsOn.split(",").includes(name)) setTimeout(() => { write("end"); process.exit(0); }, Number(slow));
  });
}
write("start " + (process.env.KEY ?? ""));
// It ends by itself, should everything else have forgotten it.
setTimeout(() => process.exit(9), 120000);
`;

/** @param endsOn - the signals on which it ends, so many milliseconds later; it lives through all others. */
export async function recorder(world: World, endsOn = "TERM", slowMs = 0): Promise<Recorder> {
  const file = path.join(await world.directory(), "record");
  await writeFile(file, "");
  // They may outlive an agent that is killed.
  world.after(() => killAll(`${file}.pids`));
  const lines = async (): Promise<readonly string[]> =>
    (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  return {
    command: [process.execPath, "-e", PROGRAM, file, endsOn, String(slowMs)],
    lines,
    wrote: async (line, seconds) => {
      await eventually(
        `the command writes "${line}"`,
        async () => (await lines()).includes(line),
        seconds,
      );
    },
  };
}

async function killAll(file: string): Promise<void> {
  const pids = await readFile(file, "utf8").catch(() => "");
  for (const pid of pids.split("\n").filter((line) => line !== "")) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended, as it should.
    }
  }
}
