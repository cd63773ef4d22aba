/** Child processes of the benchmark; none of them outlives it. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Order, Round, Target } from "./load.ts";

const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** A server under test, as a process. */
export class Server {
  readonly pid: number;
  readonly port: number;
  /** When it was spawned, on the clock of `performance.now()`. */
  readonly spawnedAtMs: number = performance.now();
  readonly #child: ChildProcess;

  constructor(
    port: number,
    [program, ...args]: readonly [string, ...string[]],
    env: Readonly<Record<string, string>>,
  ) {
    // Nobody reads what it logs: reading would take part of the machine.
    this.#child = spawn(program, args, { env, stdio: "ignore" });
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${program} could not be started`);
    this.pid = pid;
    this.port = port;
    children.add(this.#child);
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Ends it as an operator would. @returns the milliseconds that it took. */
  async stop(): Promise<number> {
    const from = performance.now();
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
    return performance.now() - from;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.ended) {
      this.#child.kill("SIGKILL");
      await once(this.#child, "exit");
    }
    children.delete(this.#child);
  }
}

/** A load generator with its connections open. */
export class Load {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async open(target: Target): Promise<Load> {
    const child = fork(path.join(import.meta.dirname, "load.ts"));
    children.add(child);
    child.send(target);
    await reply(child);
    return new Load(child);
  }

  async run(order: Order): Promise<Round> {
    this.#child.send(order);
    return (await reply(this.#child)) as Round;
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
    children.delete(this.#child);
  }
}

async function reply(child: ChildProcess): Promise<unknown> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    const message = once(child, "message", { signal });
    const ended = once(child, "exit", { signal });
    const [first] = (await Promise.race([message, ended])) as [unknown];
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error("the load generator ended");
    }
    return first;
  } finally {
    settled.abort();
  }
}
