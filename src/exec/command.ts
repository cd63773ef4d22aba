import { type ChildProcess, spawn } from "node:child_process";
import { AgentError, systemCode } from "../errors.ts";
import { GROUP_KILL_MS, GROUP_POLL_MS } from "../limits.ts";
import type { Clock } from "../system/clock.ts";
import type { Environment } from "./environment.ts";
import { groupLives } from "./process-group.ts";
import { quoted } from "./quoted.ts";
import { codeOf, type SignalName } from "./signals.ts";

export interface CommandOptions {
  readonly command: readonly [string, ...string[]];
  readonly environment: Environment;
  /** Whether it leads a process group of its own, which a stop ends as a whole. */
  readonly ownGroup: boolean;
  readonly clock: Clock;
  readonly onStarted: () => void;
  /** It has ended; after a stop, its group too. Called once, unless it could not be started. */
  readonly onExited: (code: number) => void;
  /** @param code - 127 if there is no such program, 126 otherwise, as shells say it. */
  readonly onStartFailed: (error: AgentError, code: number) => void;
  /** A signal could not be sent, for which the system has this code. */
  readonly onNotSent: (signal: SignalName, code: string) => void;
}

/** One run of the command, with the agent's input, output and terminal. */
export class Command {
  readonly #options: CommandOptions;
  readonly #child: ChildProcess | undefined;
  #ended = false;
  #stopping = false;
  #killed = false;

  /** Starts it. What is in `environment` is not kept. */
  constructor(options: CommandOptions) {
    const { command, ownGroup, onStarted } = options;
    this.#options = { ...options, environment: {} };
    const [program, ...args] = command;
    try {
      this.#child = spawn(program, args, {
        env: options.environment,
        stdio: "inherit",
        detached: ownGroup,
      });
    } catch (error) {
      queueMicrotask(() => this.#startFailed(error));
      return;
    }
    this.#child.once("spawn", onStarted);
    this.#child.on("error", (error) => {
      if (this.#child?.pid === undefined) this.#startFailed(error);
    });
    this.#child.once("exit", (code, signal) => {
      this.#ended = true;
      const result = signal === null ? (code ?? 0) : codeOf(signal);
      if (this.#stopping && this.#options.ownGroup) this.#awaitGroup(result);
      else this.#options.onExited(result);
    });
  }

  /** Sends it a signal, and nobody else. */
  send(signal: SignalName): void {
    if (!this.#ended) this.#kill(this.#child?.pid, signal);
  }

  /** Asks it and its group to end; from now on it has not ended before they all have. */
  stop(signal: SignalName): void {
    this.#stopping = true;
    this.#sendAll(signal);
  }

  /** Ends what is left of it and its group. */
  kill(): void {
    this.#killed = true;
    this.#sendAll("SIGKILL");
  }

  #sendAll(signal: SignalName): void {
    const pid = this.#child?.pid;
    if (pid !== undefined && this.#options.ownGroup) this.#kill(-pid, signal);
    else this.send(signal);
  }

  #kill(pid: number | undefined, signal: SignalName): void {
    if (pid === undefined) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      const code = systemCode(error) ?? "?";
      // It has ended, and nobody told us yet.
      if (code !== "ESRCH") this.#options.onNotSent(signal, code);
    }
  }

  /** Others of its group may still be about to end. */
  #awaitGroup(result: number): void {
    const { clock, onExited } = this.#options;
    let killedAtMs: number | undefined;
    const look = (): void => {
      const nowMs = clock.now().monoMs;
      if (this.#killed) killedAtMs ??= nowMs;
      // A process that hangs in the system's own code takes no signal, and must not hold up everything.
      const hangs = killedAtMs !== undefined && nowMs - killedAtMs >= GROUP_KILL_MS;
      const pid = this.#child?.pid;
      if (pid === undefined || hangs || !groupLives(pid)) onExited(result);
      else clock.after(GROUP_POLL_MS, look);
    };
    look();
  }

  #startFailed(thrown: unknown): void {
    this.#ended = true;
    const program = quoted(this.#options.command[0]);
    const why = systemCode(thrown) ?? "?";
    const { onStartFailed } = this.#options;
    if (why === "ENOENT" || this.#options.command[0] === "") {
      const problem = `the command ${program} is not found, or the interpreter that its first line names; is it in PATH?`;
      onStartFailed(new AgentError("command_not_found", problem), 127);
      return;
    }
    const advice = ADVICE[why] ?? `it cannot be started (${why})`;
    const problem = `the command ${program} cannot be started: ${advice}`;
    onStartFailed(new AgentError("command_failed", problem), 126);
  }
}

const ADVICE: Readonly<Partial<Record<string, string>>> = {
  EACCES: "it is not executable, or a directory (EACCES)",
  ENOTDIR: "a part of its path is not a directory (ENOTDIR)",
  E2BIG:
    "its environment and arguments are larger than the system takes (E2BIG); hand over fewer secrets with --namespace or --only, or as files",
};
