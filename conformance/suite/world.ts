import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Agent, type Environment } from "../tools/agent.ts";
import { fail } from "../tools/expect.ts";
import { startOrigin, type Origin } from "../tools/origin.ts";
import { freePort } from "../tools/ports.ts";
import { secretTexts } from "../tools/secret-texts.ts";

/** What one case has to itself: folders, servers and agents, all gone when it is over. */
export class World {
  readonly #command: readonly string[];
  readonly #ends: (() => Promise<void> | void)[] = [];
  readonly agents: Agent[] = [];

  constructor(command: readonly string[]) {
    this.#command = command;
  }

  /** Runs this when the case is over, the last one first. */
  after(end: () => Promise<void> | void): void {
    this.#ends.push(end);
  }

  /** A new folder of mode 0700. */
  async directory(parent = tmpdir()): Promise<string> {
    const folder = await mkdtemp(path.join(parent, "clef-conformance-"));
    this.after(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  async origin(body: string | object): Promise<Origin> {
    const origin = await startOrigin();
    this.after(() => origin.close());
    origin.put(body);
    return origin;
  }

  /** Starts the agent with these variables alone, besides a port and a token. */
  async agent(env: Environment, args: readonly string[] = ["run"]): Promise<Agent> {
    const agent = new Agent({
      command: [...this.#command, ...args],
      port: await freePort(),
      home: await this.directory(),
      env,
    });
    this.agents.push(agent);
    this.after(() => agent.kill());
    return agent;
  }

  /** Ends all of it. @throws Error if an agent wrote down what nobody may read (T-11). */
  async end(): Promise<void> {
    for (const end of this.#ends.toReversed()) await end();
    for (const { stderr } of this.agents) {
      const leaked = secretTexts().find((text) => stderr.includes(text));
      if (leaked !== undefined) fail(`the log holds a secret (T-11): ${leaked}`);
    }
  }
}
