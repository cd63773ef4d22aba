import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../free-port.ts";
import { ROOT } from "../run.ts";

const LIBFAKETIME: string | undefined = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1")[0];
const PRLIMIT: string | undefined = ["/usr/bin/prlimit", "/bin/prlimit"].find((file) =>
  existsSync(file),
);
/** What the agent may open; strangers take more connections than that. */
const DESCRIPTORS = 256;

export interface SoakAgentOptions {
  readonly url: string;
  readonly ageIdentity: string;
  readonly verifyKey: string;
  readonly directory: string;
  /** Where its disk cache is. */
  readonly cache: string;
}

/** What a process holds, from /proc. */
export interface Held {
  readonly rssMb: number;
  readonly anonymousMb: number;
  readonly descriptors: number;
}

/** The built agent, with a limit of descriptors and a clock that can be set. */
export class SoakAgent {
  readonly token = "soak-token-0123456789abcdef";
  port = 0;
  starts = 0;
  readonly #options: SoakAgentOptions;
  readonly #clockFile: string;
  #child: ChildProcess | undefined;
  #isUp = false;

  constructor(options: SoakAgentOptions) {
    this.#options = options;
    this.#clockFile = path.join(options.directory, "clock");
  }

  /** What the machine lacks for some of the chaos. */
  get lacks(): readonly string[] {
    return [
      ...(LIBFAKETIME === undefined ? ["libfaketime: no clock jumps"] : []),
      ...(PRLIMIT === undefined ? ["prlimit: no limit of descriptors"] : []),
    ];
  }

  async start(): Promise<void> {
    this.starts++;
    if (this.port === 0) this.port = await freePort();
    this.setClock(0);
    const { url, ageIdentity, verifyKey, cache } = this.#options;
    const command = [process.execPath, path.join(ROOT, "dist/clef-agent.js")];
    const [program = "", ...args] =
      PRLIMIT === undefined ? command : [PRLIMIT, `--nofile=${DESCRIPTORS}`, ...command];
    this.#child = spawn(program, args, {
      stdio: ["ignore", "ignore", "ignore"],
      env: {
        PATH: process.env["PATH"],
        CLEF_AGENT_SOURCE: url,
        CLEF_AGENT_AGE_KEY: ageIdentity,
        CLEF_AGENT_VERIFY_KEY: verifyKey,
        CLEF_AGENT_IDENTITY: "soak",
        CLEF_AGENT_ENVIRONMENT: "test",
        CLEF_AGENT_CACHE_TTL: "30",
        CLEF_AGENT_CACHE_PATH: cache,
        CLEF_AGENT_PORT: String(this.port),
        CLEF_AGENT_TOKEN: this.token,
        CLEF_AGENT_STARTUP_TIMEOUT: "0",
        ...(LIBFAKETIME === undefined
          ? {}
          : {
              LD_PRELOAD: LIBFAKETIME,
              FAKETIME_TIMESTAMP_FILE: this.#clockFile,
              FAKETIME_CACHE_DURATION: "1",
              FAKETIME_DONT_FAKE_MONOTONIC: "1",
            }),
      },
    });
    await once(this.#child, "spawn");
    this.#isUp = false;
    while (!this.isGone && !this.#isUp) {
      await pause(50);
      this.#isUp = await answers(this.port);
    }
  }

  /** SIGHUP, once it is there to hear it: before that it would end it. */
  lookNow(): void {
    if (this.#isUp) this.#child?.kill("SIGHUP");
  }

  signal(name: "SIGSTOP" | "SIGCONT"): void {
    this.#child?.kill(name);
  }

  /** Moves its wall clock this far from the machine's, in seconds. */
  setClock(seconds: number): void {
    writeFileSync(this.#clockFile, `${seconds < 0 ? "" : "+"}${seconds}\n`);
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || this.isGone) return child?.exitCode ?? null;
    this.#isUp = false;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    return child.exitCode;
  }

  /** Undefined while it is not there. */
  held(): Held | undefined {
    const pid = this.#child?.pid;
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const megabytes = (name: string): number =>
        Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1_024;
      const descriptors = readdirSync(`/proc/${pid}/fd`).length;
      return { rssMb: megabytes("VmRSS"), anonymousMb: megabytes("RssAnon"), descriptors };
    } catch {
      return undefined;
    }
  }

  /** Whether it ended though nobody ended it. */
  get isGone(): boolean {
    return (
      this.#child !== undefined &&
      (this.#child.exitCode !== null || this.#child.signalCode !== null)
    );
  }
}

/** Whether anybody listens there. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isThere = once(socket, "connect").then(
    () => true,
    () => false,
  );
  const found = await isThere;
  socket.destroy();
  return found;
}
