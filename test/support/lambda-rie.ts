import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { globSync, readFileSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { freePort } from "../../scripts/free-port.ts";
import type { LogLine } from "./agent-process.ts";
import { lambdaRie, run } from "./interop.ts";
import { EXAMPLES } from "./lambda.ts";
import { whyNoLayer } from "./package/layer.ts";
import { eventually } from "./temporary.ts";

const rie = lambdaRie();
/** A command in a mount namespace of its own, as root or as a user who may make one. */
const apart = [["--mount"], ["--mount", "--map-root-user"]].find(
  (flags) =>
    run("unshare", [...flags, "mount", "--bind", import.meta.dirname, "/opt"]).status === 0,
);

/** Why AWS's emulator cannot run a layer here; or false. */
export const noRie: string | false = whyNoRie() ?? false;

function whyNoRie(): string | undefined {
  if (rie === undefined) return "AWS's Lambda emulator is missing: .ci/install-interop";
  if (apart === undefined) return "this user may mount nothing on /opt, where layers are";
  return whyNoLayer();
}

export interface Invoked {
  readonly status: number;
  readonly body: string;
  readonly tookMs: number;
}

/**
 * AWS's own emulator of a Lambda execution environment, the Runtime Interface Emulator, around the
 * Node.js example and whatever extensions are in /opt. It starts them at the first invocation, and
 * again at the one after a failure. It freezes nothing.
 */
export class Rie {
  readonly #child: ChildProcess;
  readonly #port: number;
  /** What the emulator, the agent and the function say. */
  log = "";
  exit: number | NodeJS.Signals | null | undefined;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#port = port;
    for (const output of [child.stdout, child.stderr]) {
      output?.on("data", (chunk: Buffer) => (this.log += chunk.toString()));
    }
    child.on("close", (code, signal) => (this.exit = code ?? signal));
  }

  /** @param opt - a folder that is /opt for the emulator and what it starts, and for nobody else. */
  static async start(
    context: Pick<TestContext, "after" | "passed">,
    opt: string,
    env: Readonly<Record<string, string>>,
  ): Promise<Rie> {
    const example = EXAMPLES["Node.js"];
    assert.ok(rie !== undefined && apart !== undefined && example !== undefined);
    const port = await freePort();
    const addresses = [
      ["--runtime-interface-emulator-address", `127.0.0.1:${port}`],
      ["--runtime-api-address", `127.0.0.1:${await freePort()}`],
    ].flat();
    const emulate = [rie, ...addresses, "--log-level", "debug", example.command, ...example.args];
    const inOpt = 'mount --bind "$0" /opt && exec "$@" 2>&1';
    const child = spawn("unshare", [...apart, "sh", "-c", inOpt, opt, ...emulate], {
      // The folders that Lambda names before this one are not here.
      env: { PATH: process.env["PATH"], LD_LIBRARY_PATH: "/opt/lib", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const emulator = new Rie(child, port);
    context.after(() => emulator.#kill());
    context.after(() => {
      if (!context.passed) console.error(emulator.log);
    });
    await eventually("the emulator listens", () => emulator.exit !== undefined || answers(port));
    assert.equal(emulator.exit, undefined, emulator.log);
    return emulator;
  }

  /** Has the function invoked; once more where the emulator failed by its own fault. */
  async invoke(): Promise<Invoked> {
    for (;;) {
      const from = this.log.length;
      const invoked = await this.#invokeOnce();
      if (invoked.status !== 502 || !(await this.#wasEmulatorsFault(from))) return invoked;
    }
  }

  async #invokeOnce(): Promise<Invoked> {
    const startedAt = performance.now();
    const answer = await fetch(
      `http://127.0.0.1:${this.#port}/2015-03-31/functions/function/invocations`,
      { method: "POST", body: "{}", headers: { connection: "close" } },
    );
    const body = await answer.text();
    return { status: answer.status, body, tookMs: performance.now() - startedAt };
  }

  /**
   * After a failure the emulator ends all processes and gets ready for the next invocation, side by side: where
   * it hears of such an end only when it is ready, it cancels the next invocation over it.
   */
  async #wasEmulatorsFault(from: number): Promise<boolean> {
    const said = (): string => this.log.slice(from);
    await eventually("the emulator says why", () => said().includes("execute finished"));
    return said().includes("error=ErrGateCanceled");
  }

  /** Asks the emulator to end, and waits until it has, and all that was said is in `log`. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await eventually(`the emulator ends; so far:\n${this.log}`, () => this.exit !== undefined);
  }

  /** The agent's own lines. */
  get agentLog(): readonly LogLine[] {
    const lines = this.log.split("\n").filter((line) => line.startsWith('{"time"'));
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  get agentPid(): number {
    return this.#only((executable) => executable === "/opt/extensions/clef-agent");
  }

  get functionPid(): number {
    return this.#only((executable) => executable !== "/opt/extensions/clef-agent");
  }

  #only(matches: (executable: string) => boolean): number {
    const [pid, ...more] = this.#children().filter((child) =>
      matches(readlinkSync(`/proc/${child}/exe`)),
    );
    assert.ok(pid !== undefined && more.length === 0, this.log);
    return pid;
  }

  #children(): readonly number[] {
    // Each of its threads has a list of those that it started.
    const lists = globSync(`/proc/${this.#child.pid}/task/*/children`);
    const pids = lists.flatMap((list) => readFileSync(list, "utf8").split(" "));
    return pids.filter(Boolean).map(Number);
  }

  /** What it started would outlive it, stopped or not. */
  #kill(): void {
    if (this.exit !== undefined) return;
    for (const pid of this.#children()) process.kill(pid, "SIGKILL");
    this.#child.kill("SIGKILL");
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
