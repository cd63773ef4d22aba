import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { AgentOnFile } from "../agent-on-file.ts";
import { AgentProcess, type CommandLine, type LogLine } from "../agent-process.ts";
import { AGE_IDENTITY, pack } from "../artifacts.ts";
import { endAllWith } from "./processes.ts";
import { eventually, temporaryDirectory } from "../temporary.ts";

export interface ExecAgentOptions {
  readonly secrets?: unknown;
  /** The artifact's text, instead of one that holds `secrets`. */
  readonly artifact?: string;
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How the agent is started. */
  readonly commandLine?: CommandLine;
}

/** `clef-agent exec` on an artifact in a file, with a command of the test's choice. */
export class ExecAgent extends AgentOnFile {
  readonly agent: AgentProcess;
  /** A folder of this test's own; the command's working files. */
  readonly directory: string;

  private constructor(agent: AgentProcess, directory: string, artifact: string) {
    super(artifact);
    this.agent = agent;
    this.directory = directory;
  }

  static async start(
    t: TestContext,
    command: readonly string[],
    { secrets, artifact, options = [], env, commandLine }: ExecAgentOptions = {},
  ): Promise<ExecAgent> {
    const directory = await temporaryDirectory(t);
    const file = join(directory, "artifact.json");
    await writeFile(file, artifact ?? (await pack({ secrets: secrets ?? { KEY: "one" } })));
    const agent = AgentProcess.start(
      t,
      {
        CLEF_AGENT_SOURCE: file,
        CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
        CLEF_AGENT_PORT: undefined,
        CLEF_AGENT_LOG_LEVEL: "info",
        DIRECTORY: directory,
        ...env,
      },
      ["exec", ...options, "--", ...command],
      commandLine,
    );
    // A command outlives an agent that is killed, which is how tests end it.
    t.after(() => endAllWith(`DIRECTORY=${directory}`));
    return new ExecAgent(agent, directory, file);
  }

  /** Of the agent. */
  get pid(): number {
    const { pid } = this.agent.child;
    if (pid === undefined) throw new Error("the agent could not be started");
    return pid;
  }

  /** What the command has printed so far. */
  get printed(): string {
    return this.agent.stdout;
  }

  /** Waits until the command has printed this, as often as `times` says. */
  async prints(text: string, times = 1): Promise<void> {
    await eventually(
      `"${text}"; so far:\n${this.printed}\n${this.agent.stderr}`,
      () => this.printed.split(text).length > times,
    );
  }

  /** Waits until the agent has ended. @returns its exit code. */
  async code(): Promise<number | null> {
    return (await this.agent.ended()).code;
  }

  /** The agent's lines on standard error, which the command writes to as well. */
  get log(): readonly LogLine[] {
    return this.agent.stderr
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** Waits for a line of the agent's for which `matches` holds. */
  async logged(what: string, matches: (line: LogLine) => boolean): Promise<LogLine> {
    return eventually(`${what}; so far:\n${this.agent.stderr}`, () => this.log.find(matches));
  }

  /** Waits until the agent wrote this event. */
  async event(name: string): Promise<LogLine> {
    return this.logged(name, ({ event }) => event === name);
  }
}
