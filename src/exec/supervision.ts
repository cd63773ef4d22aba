import type { CommandStopReason } from "../telemetry/events.ts";
import type { OnChange } from "./settings.ts";
import type { SignalName } from "./signals.ts";

/** What of the settings the supervisor decides by. */
export interface Policy {
  readonly onChange: OnChange;
  /** Whether a random time passes before a change is acted on. */
  readonly splays: boolean;
}

/** What the command is doing. A set of secrets is known here by its digest alone. */
export type SupervisorState =
  /** Nothing runs. `lastCode` is that of the command that was stopped to be started again. */
  | { readonly kind: "waiting"; readonly lastCode: number | undefined }
  | {
      readonly kind: "running";
      /** The newest set that the command was started with, or that it was told of. */
      readonly known: string;
      /** A change that nothing was done about yet: its splay runs, or is over. */
      readonly change: "none" | "splaying" | "due";
      /** The signal that asked the command to end, if one did. */
      readonly askedBy: SignalName | undefined;
    }
  | { readonly kind: "stopping_to_restart" }
  | { readonly kind: "stopping_to_end"; readonly because: "asked" | "revoked" | "failed" }
  | { readonly kind: "ended"; readonly code: number };

export type SupervisorEvent =
  /** There is a set that can be handed over; it stays at hand while the actions are carried out. */
  | { readonly kind: "offered"; readonly digest: string }
  /** What is served cannot be handed over. */
  | { readonly kind: "refused" }
  | { readonly kind: "splay_over" }
  /** The command has ended, and after a stop its group too. */
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "start_failed"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: SignalName; readonly from: "process" | "terminal" }
  | { readonly kind: "stop_timeout" }
  | { readonly kind: "revoked" }
  /** The agent can go no further by itself. */
  | { readonly kind: "failed" };

export type Action =
  /** Starts the command with the set that was just offered. */
  | { readonly kind: "start" }
  /** Sends the stop signal, to the group where there is one, and counts down its time. */
  | { readonly kind: "stop" }
  | { readonly kind: "kill" }
  | { readonly kind: "send"; readonly signal: SignalName }
  | { readonly kind: "splay" }
  | { readonly kind: "cancel_splay" }
  /** Looks at what is served, and offers it. */
  | { readonly kind: "look" }
  | { readonly kind: "tell"; readonly what: Notice }
  | { readonly kind: "end"; readonly code: number; readonly reason: CommandStopReason };

/** Why a change was not acted on. */
export type Notice =
  { readonly kind: "ignored" } | { readonly kind: "asked_to_end"; readonly signal: SignalName };

export interface Step {
  readonly state: SupervisorState;
  /** In this order. */
  readonly actions: readonly Action[];
}

export const WAITING: SupervisorState = { kind: "waiting", lastCode: undefined };
