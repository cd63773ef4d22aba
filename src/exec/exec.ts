import type { AgentError } from "../errors.ts";
import type { Unavailable } from "../feed/unavailable.ts";
import { EXEC_LOOK_AGAIN_MS } from "../limits.ts";
import type { Clock, Timer } from "../system/clock.ts";
import type { AgentEvent, CommandStopReason } from "../telemetry/events.ts";
import type { Log } from "../telemetry/log.ts";
import { Command } from "./command.ts";
import { type Environment, environmentOf } from "./environment.ts";
import { wipe } from "./hand-over.ts";
import { type Offer, Offers } from "./offers.ts";
import type { SecretsFeed } from "./secrets-feed.ts";
import type { ExecSettings } from "./settings.ts";
import type { SignalName } from "./signals.ts";
import {
  type Action,
  nextStep,
  type Notice,
  type Supervisor,
  type SupervisorEvent,
  WAITING,
} from "./supervisor.ts";
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
export interface Agent {
  readonly feed: SecretsFeed;
  /** Where the command finds it, at this moment. */
  readonly address: () => Environment;
  /** Resolves once the files, if there are any, hold what is served. */
  readonly delivered: () => Promise<void>;
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
  readonly #offers: Offers;
  readonly #ownGroup: boolean;
  #state: Supervisor = WAITING;
  #agent: Agent | undefined;
  #command: Command | undefined;
  #started = false;
  /** Of the command that ran before. */
  #lastCode: number | undefined;
  #splay: Timer | undefined;
  #stopTimer: Timer | undefined;
  #looking = false;
  #lookAgain = false;

  constructor(options: ExecOptions) {
    const { promise, resolve } = Promise.withResolvers<ExecEnd>();
    this.ended = promise;
    this.#end = resolve;
    this.#options = options;
    this.#offers = new Offers(options);
    this.#ownGroup = process.platform !== "win32" && !terminalNow().attached;
  }

  /** Runs the command once there is something to run it with, and follows every change from then on. */
  follow(agent: Agent): void {
    this.#agent = agent;
    agent.feed.subscribe((change) => {
      if (change.kind === "serving") this.#look();
      if (change.kind === "ended" && change.reason === "revoked") this.#event({ kind: "revoked" });
    });
    this.#look();
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
        this.#look();
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

  /** Looks at what is served, once at a time; what changed meanwhile is looked at in the next turn. */
  #look(): void {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    void this.#lookOn();
  }

  async #lookOn(): Promise<void> {
    while (this.#lookAgain && this.#agent !== undefined) {
      this.#lookAgain = false;
      const { feed, delivered, address } = this.#agent;
      // oxlint-disable-next-line no-await-in-loop -- one look after the other
      await delivered();
      // oxlint-disable-next-line no-await-in-loop -- one look after the other
      const used = await feed.use((secrets) => this.#offer(secrets, address()));
      if (used.kind === "unavailable") this.#unavailable(used.reason);
    }
    this.#looking = false;
  }

  #offer(secrets: Parameters<Offers["read"]>[0], address: Environment): void {
    const offer = this.#offers.read(secrets, address);
    if (offer.kind === "refused") {
      this.#refused(offer.problems);
      return;
    }
    try {
      this.#event({ kind: "offered", digest: offer.digest }, offer);
    } finally {
      wipe(offer.handed);
    }
  }

  #refused(problems: readonly AgentError[]): void {
    const { log } = this.#options;
    const running = this.#state.kind === "running";
    for (const { code, message } of problems) {
      if (running) log.error(`the command goes on with what it has: ${message}`, { code });
      else log.error(message, { code });
    }
    this.#event({ kind: "refused" });
  }

  /** There is nothing to hand over now. What will come is heard of; what may be over soon is tried again. */
  #unavailable(reason: Unavailable): void {
    switch (reason) {
      case "not_loaded":
      case "cache_expired":
      case "artifact_expired":
        return;
      case "revoked":
        this.#event({ kind: "revoked" });
        return;
      case "decryption_failed":
      case "refresh_failed":
      case "busy":
        this.#options.log.warn(`no secrets can be handed over now (${reason}); trying again`);
        this.#options.clock.after(EXEC_LOOK_AGAIN_MS, () => this.#look());
    }
  }
}
