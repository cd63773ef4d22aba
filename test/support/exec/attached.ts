import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { AgentProcess } from "../agent-process.ts";
import { Sidecar, type Way } from "../sidecar.ts";
import { eventually } from "../temporary.ts";
import { endAllWith } from "./processes.ts";

/** Prints what it was given, and goes on until it is asked to end. */
const PROGRAM = [
  "sh",
  "-c",
  `trap 'echo "ended $KEY"; exit 0' TERM
   echo "ready $KEY"
   while :; do sleep 0.05; done`,
] as const;

/** `exec --agent` beside an agent. */
export class Attached {
  readonly process: AgentProcess;

  constructor(
    t: TestContext,
    sidecar: Sidecar,
    command: readonly string[] = PROGRAM,
    { options = [], env = {} }: { options?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
  ) {
    const mark = `DIRECTORY=${sidecar.directory}`;
    this.process = AgentProcess.start(
      t,
      {
        CLEF_AGENT_PORT: undefined,
        CLEF_AGENT_TOKEN: undefined,
        DIRECTORY: sidecar.directory,
        ...sidecar.clients,
        ...env,
      },
      ["exec", "--agent", ...options, "--", ...command],
    );
    // A command outlives an agent that is killed, which is how tests end it.
    t.after(() => endAllWith(mark));
  }

  async prints(text: string): Promise<void> {
    await eventually(`"${text}"; so far:\n${this.process.stdout}\n${this.process.stderr}`, () =>
      this.process.stdout.includes(text),
    );
  }

  async tells(text: string): Promise<void> {
    await eventually(`"${text}"; so far:\n${this.process.stderr}`, () =>
      this.process.stderr.includes(text),
    );
  }

  async code(): Promise<number | null> {
    return (await this.process.ended()).code;
  }

  get starts(): number {
    return this.process.stdout.split("ready ").length - 1;
  }
}

/** What it must do, whatever the way and the mode. */
export function attachedTo(way: Way, mode: "cached" | "just-in-time"): void {
  const ttl = mode === "cached" ? "300" : "0";
  describe(`exec --agent over ${way}, to an agent in ${mode} mode`, { concurrency: true }, () => {
    test("waits for the agent, starts the command, and again when secrets change", async (t) => {
      const sidecar = await Sidecar.at(t, { way, ttl });
      const exec = new Attached(t, sidecar);
      await exec.tells("cannot be reached");
      assert.equal(exec.process.stdout, "");
      await sidecar.start();
      await exec.prints("ready one");
      await sidecar.repack({ KEY: "two" });
      await exec.prints("ended one\nready two");
      await sidecar.repack({ KEY: "two" });
      await sidecar.repack({ KEY: "three" });
      await exec.prints("ready three");
      assert.equal(exec.starts, 3, "an artifact that was only packed again restarts nothing");
      exec.process.child.kill("SIGTERM");
      assert.equal(await exec.code(), 0);
    });

    test("goes on with what it has while the agent is away, and hears what changed meanwhile", async (t) => {
      const sidecar = await Sidecar.start(t, { way, ttl });
      const exec = new Attached(t, sidecar);
      await exec.prints("ready one");
      await sidecar.stop();
      await exec.tells("trying again");
      await sidecar.repack({ KEY: "between" });
      await sidecar.repack({ KEY: "two" });
      await sidecar.start();
      await exec.prints("ended one\nready two");
      assert.equal(exec.starts, 2);
      await sidecar.stop();
      await sidecar.start();
      await exec.tells("the agent serves secrets again");
      await sidecar.repack({ KEY: "three" });
      await exec.prints("ready three");
      assert.equal(exec.starts, 3, "an agent that starts again restarts nothing");
    });

    test("stops the command when the artifact is revoked, with exit code 1", async (t) => {
      const sidecar = await Sidecar.start(t, { way, ttl });
      const exec = new Attached(t, sidecar);
      await exec.prints("ready one");
      await sidecar.revoke();
      assert.equal(await exec.code(), 1);
      assert.match(exec.process.stdout, /ended one/);
      const late = new Attached(t, sidecar);
      assert.equal(await late.code(), 1);
      assert.equal(late.process.stdout, "");
    });

    test("does not stop it when the secrets expire", async (t) => {
      const sidecar = await Sidecar.start(t, { way, ttl });
      const exec = new Attached(t, sidecar);
      await exec.prints("ready one");
      await sidecar.repack({ KEY: "one" }, { ttlMs: 4_000 });
      await exec.tells("Secrets expired");
      assert.equal(exec.starts, 1);
      assert.doesNotMatch(exec.process.stdout, /ended/);
      await sidecar.repack({ KEY: "new" });
      await exec.prints("ended one\nready new");
    });
  });
}
