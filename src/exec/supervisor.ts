import type { CommandStopReason } from "../telemetry/events.ts";
import { ASKS_TO_END, codeOf, ENDING } from "./signals.ts";
import type { Action, Policy, Step, SupervisorState, SupervisorEvent } from "./supervision.ts";

/** What an agent ends with that stopped the command on its own account. */
const FAILED = 1;

/** The state machine of `exec`; docs/exec.md has it as a table. */
export function nextStep(state: SupervisorState, event: SupervisorEvent, policy: Policy): Step {
  switch (state.kind) {
    case "waiting":
      return whileWaiting(state, event);
    case "running":
      return whileRunning(state, event, policy);
    case "stopping_to_restart":
      return whileStoppingToRestart(state, event);
    case "stopping_to_end":
      return whileStoppingToEnd(state, event);
    case "ended":
      return stay(state);
  }
}

type In<Kind extends SupervisorState["kind"]> = Extract<SupervisorState, { kind: Kind }>;

function whileWaiting(state: In<"waiting">, event: SupervisorEvent): Step {
  switch (event.kind) {
    case "offered":
      return {
        state: { kind: "running", known: event.digest, change: "none", askedBy: undefined },
        actions: [{ kind: "start" }],
      };
    case "signal":
      return ENDING.has(event.signal)
        ? end(state.lastCode ?? codeOf(event.signal), "signal")
        : stay(state);
    case "refused":
    case "revoked":
    case "failed":
      return end(FAILED, event.kind);
    case "splay_over":
    case "exited":
    case "start_failed":
    case "stop_timeout":
      return stay(state);
  }
}

function whileRunning(state: In<"running">, event: SupervisorEvent, policy: Policy): Step {
  switch (event.kind) {
    case "offered":
      return event.digest === state.known
        ? { state: { ...state, change: "none" }, actions: withoutSplay(state) }
        : changed(state, event.digest, policy);
    case "refused":
      return { state: { ...state, change: "none" }, actions: withoutSplay(state) };
    case "splay_over":
      return state.change === "splaying"
        ? { state: { ...state, change: "due" }, actions: [{ kind: "look" }] }
        : stay(state);
    case "exited":
      return end(event.code, "exited", withoutSplay(state));
    case "start_failed":
      return end(event.code, "not_started", withoutSplay(state));
    case "signal": {
      const askedBy = ASKS_TO_END.has(event.signal) ? event.signal : state.askedBy;
      return { state: { ...state, askedBy }, actions: passedOn(event) };
    }
    case "revoked":
    case "failed":
      return {
        state: { kind: "stopping_to_end", because: event.kind },
        actions: [...withoutSplay(state), { kind: "stop" }],
      };
    case "stop_timeout":
      return stay(state);
  }
}

/** Another set than the command knows of is served. */
function changed(state: In<"running">, digest: string, { onChange, splays }: Policy): Step {
  const known = { ...state, known: digest, change: "none" } as const;
  switch (onChange.kind) {
    case "ignore":
      return { state: known, actions: [{ kind: "tell", what: { kind: "ignored" } }] };
    case "signal":
      return splays && state.change !== "due"
        ? splayed(state)
        : { state: known, actions: [{ kind: "send", signal: onChange.signal }] };
    case "restart":
      if (state.askedBy !== undefined) {
        // It is on its way out; to start it again would undo what was asked for.
        const what = { kind: "asked_to_end", signal: state.askedBy } as const;
        return { state: known, actions: [...withoutSplay(state), { kind: "tell", what }] };
      }
      return splays && state.change !== "due"
        ? splayed(state)
        : { state: { kind: "stopping_to_restart" }, actions: [{ kind: "stop" }] };
  }
}

/** Changes that come while the splay runs become one. */
function splayed(state: In<"running">): Step {
  return state.change === "splaying"
    ? stay(state)
    : { state: { ...state, change: "splaying" }, actions: [{ kind: "splay" }] };
}

function whileStoppingToRestart(state: In<"stopping_to_restart">, event: SupervisorEvent): Step {
  switch (event.kind) {
    case "exited":
    case "start_failed":
      // What came meanwhile is looked at as one.
      return { state: { kind: "waiting", lastCode: event.code }, actions: [{ kind: "look" }] };
    case "signal":
      // SIGHUP asks many a program to read its files again: it takes nothing from the restart.
      return {
        state: ASKS_TO_END.has(event.signal)
          ? { kind: "stopping_to_end", because: "asked" }
          : state,
        actions: passedOn(event),
      };
    case "stop_timeout":
      return { state, actions: [{ kind: "kill" }] };
    case "revoked":
    case "failed":
      return stay({ kind: "stopping_to_end", because: event.kind });
    case "offered":
    case "refused":
    case "splay_over":
      return stay(state);
  }
}

function whileStoppingToEnd(state: In<"stopping_to_end">, event: SupervisorEvent): Step {
  switch (event.kind) {
    case "exited":
    case "start_failed":
      return state.because === "asked"
        ? end(event.code, event.kind === "exited" ? "exited" : "not_started")
        : end(FAILED, state.because);
    case "signal":
      return { state, actions: passedOn(event) };
    case "stop_timeout":
      return { state, actions: [{ kind: "kill" }] };
    case "revoked":
    case "failed":
      return stay({ kind: "stopping_to_end", because: event.kind });
    case "offered":
    case "refused":
    case "splay_over":
      return stay(state);
  }
}

/** The terminal has sent it to the command already. */
function passedOn({
  signal,
  from,
}: Extract<SupervisorEvent, { kind: "signal" }>): readonly Action[] {
  return from === "terminal" ? [] : [{ kind: "send", signal }];
}

function withoutSplay({ change }: In<"running">): readonly Action[] {
  return change === "splaying" ? [{ kind: "cancel_splay" }] : [];
}

function stay(state: SupervisorState): Step {
  return { state, actions: [] };
}

function end(code: number, reason: CommandStopReason, before: readonly Action[] = []): Step {
  return { state: { kind: "ended", code }, actions: [...before, { kind: "end", code, reason }] };
}
