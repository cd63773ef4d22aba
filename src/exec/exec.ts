import type { AgentError } from "../errors.ts";
import type { Clock, Timer } from "../system/clock.ts";
import type { AgentEvent, CommandStopReason } from "../telemetry/events.ts";
import type { Log } from "../telemetry/log.ts";
import { Command } from "./command.ts";
import { environmentOf } from "./environment.ts";
import { type LookedAt, Looks } from "./looks.ts";
import type { Offer } from "./offers.ts";
import type { ExecSettings } from "./settings.ts";
import type { SignalName } from "./signals.ts";
import {
  type Action,
  type Notice,
  type SupervisorState,
  type SupervisorEvent,
  WAITING,
} from "./supervision.ts";
import { nextStep } from "./supervisor.ts";
import { terminalNow } from "./terminal.ts";

export interface ExecOptions {
  readonly settings: ExecSettings;
  /** The agent's own environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** What an agent is to the command that it runs. */
export interface AgentOfCommand extends LookedAt {
  readonly tell: (event: AgentEvent) => void;
}

export interface ExecEnd {
  readonly code: number;
  readonly reason: CommandStopReason;
}

/** Carries out what the supervisor's state machine says: processes, signals and timers. */
export class Exec {
  /** Resolves when there is nothing left to do, with the exit code of the agent. */
  readonly ended: Promise<ExecEnd>;
  readonly #end: (end: ExecEnd) => void;
  readonly #options: ExecOptions;
  readonly #looks: Looks;
  readonly #ownGroup: boolean;
  #state: SupervisorState = WAITING;
  #agent: AgentOfCommand | undefined;
  #command: Command | undefined;
  #started = false;
  /** Of the command that ran before. */
  #lastCode: number | undefined;
  #splay: Timer | undefined;
  #stopTimer: Timer | undefined;

  constructor(options: ExecOptions) {
    const { promise, resolve } = Promise.withResolvers<ExecEnd>();
    this.ended = promise;
    this.#end = resolve;
    this.#options = options;
    this.#looks = new Looks({
      ...options,
      onOffered: (offer) => this.#event({ kind: "offered", digest: offer.digest }, offer),
      onRefused: (problems) => this.#refused(problems),
      onRevoked: () => this.#event({ kind: "revoked" }),
    });
    this.#ownGroup = process.platform !== "win32" && !terminalNow().attached;
  }

  /** Runs the command once there is something to run it with, and follows every change from then on. */
  follow(agent: AgentOfCommand): void {
    this.#agent = agent;
    this.#looks.follow(agent);
  }

  signal(signal: SignalName, from: "process" | "terminal"): void {
    this.#event({ kind: "signal", signal, from });
  }

  /** The agent can go no further: stops the command. */
  fail(): void {
    this.#event({ kind: "failed" });
  }

  #event(event: SupervisorEvent, offer?: Offer): void {
    const { onChange, splayMs } = this.#options.settings;
    const { state, actions } = nextStep(this.#state, event, { onChange, splays: splayMs > 0 });
    this.#state = state;
    for (const action of actions) this.#act(action, offer);
  }

  #act(action: Action, offer: Offer | undefined): void {
    const { settings, clock, random } = this.#options;
    switch (action.kind) {
      case "start":
        if (offer !== undefined) this.#start(offer);
        return;
      case "stop":
        this.#command?.stop(settings.stopSignal);
        this.#stopTimer = clock.after(settings.stopTimeoutMs, () =>
          this.#event({ kind: "stop_timeout" }),
        );
        return;
      case "kill":
        this.#command?.kill();
        return;
      case "send":
        this.#command?.send(action.signal);
        return;
      case "splay":
        this.#splay = clock.after(random() * settings.splayMs, () =>
          this.#event({ kind: "splay_over" }),
        );
        return;
      case "cancel_splay":
        this.#splay?.cancel();
        return;
      case "look":
        this.#looks.look();
        return;
      case "tell":
        this.#tell(action.what);
        return;
      case "end":
        this.#ending(action);
    }
  }

  #start({ handed, rest, revision }: Offer): void {
    const { settings, clock, log } = this.#options;
    const keyCount = handed.length;
    const lastCode = this.#lastCode;
    const tell = this.#agent?.tell;
    this.#command = new Command({
      command: settings.command,
      environment: environmentOf(rest, handed),
      ownGroup: this.#ownGroup,
      clock,
      onStarted: () => {
        if (lastCode === undefined) tell?.({ name: "command.started", revision, keyCount });
        else {
          const reason = "secrets_changed";
          tell?.({ name: "command.restarted", reason, revision, keyCount, exitCode: lastCode });
        }
      },
      onExited: (code) => this.#exited({ kind: "exited", code }),
      onStartFailed: (error, code) => {
        log.error(error.message, { code: error.code });
        this.#exited({ kind: "start_failed", code });
      },
      onNotSent: (signal, code) => {
        log.warn(`${signal} could not be sent to the command (${code})`);
      },
    });
    this.#started = true;
  }

  #exited(event: Extract<SupervisorEvent, { kind: "exited" | "start_failed" }>): void {
    this.#stopTimer?.cancel();
    this.#command = undefined;
    this.#lastCode = event.code;
    this.#event(event);
  }

  #ending({ code, reason }: ExecEnd): void {
    if (this.#started) {
      this.#agent?.tell({ name: "command.stopped", reason, exitCode: code });
    }
    this.#end({ code, reason });
  }

  #refused(problems: readonly AgentError[]): void {
    const goesOn = this.#state.kind === "running" ? "the command goes on with what it has: " : "";
    for (const { code, message } of problems) {
      this.#options.log.error(`${goesOn}${message}`, { code });
    }
    this.#event({ kind: "refused" });
  }

  #tell(notice: Notice): void {
    const { log } = this.#options;
    switch (notice.kind) {
      case "ignored":
        log.info(
          "the secrets changed, and the command goes on with what it has (--on-change ignore)",
        );
        return;
      case "asked_to_end":
        log.warn(
          `the secrets changed, and the command is not restarted: ${notice.signal} asked it to end`,
        );
    }
  }
}
