import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ASKS_TO_END, codeOf, ENDING, type SignalName } from "../../src/exec/signals.ts";
import {
  type Action,
  type Policy,
  type SupervisorState,
  type SupervisorEvent,
  WAITING,
} from "../../src/exec/supervision.ts";
import { nextStep } from "../../src/exec/supervisor.ts";
import { runs } from "../support/runs.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGWINCH"] as const;

/** What happens in the world; what cannot happen in its present state is passed over. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("change"), set: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("bad_set") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("expired") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("exit"), code: fc.nat(255) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("stop_done"), code: fc.nat(255) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("spawn_fails") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("signal"),
      signal: fc.constantFrom(...SIGNALS),
      from: fc.constantFrom("process", "terminal"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("stop_timeout") }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("splay_over") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("revoked", "failed") }) },
);
type Happening = {
  readonly kind: string;
  readonly set?: number;
  readonly code?: number;
  readonly signal?: SignalName;
  readonly from?: "process" | "terminal";
};

const policy: fc.Arbitrary<Policy> = fc.record({
  onChange: fc.constantFrom<Policy["onChange"]>(
    { kind: "restart" },
    { kind: "signal", signal: "SIGUSR2" },
    { kind: "ignore" },
  ),
  splays: fc.boolean(),
});

/** The edge of the machine, with a command that does what the random sequence says. */
class World {
  state: SupervisorState = WAITING;
  readonly policy: Policy;
  /** What is served: a set, one that cannot be handed over, or nothing. */
  served: number | "bad" | undefined;
  command:
    { readonly set: number | "bad" | undefined; readonly received: SignalName[] } | undefined;
  /** The set that it was started with or told of, or why it was not. */
  applied: number | "bad" | undefined;
  told = false;
  starts = 0;
  splaying = false;
  stopping = false;
  endedWith: number | undefined;
  lastCode: number | undefined;
  askedToEnd = false;
  gaveUp = false;

  constructor(chosen: Policy) {
    this.policy = chosen;
  }

  happen(what: Happening): void {
    switch (what.kind) {
      case "change":
        this.served = what.set;
        {
          this.look();
          return;
        }
      case "bad_set":
        this.served = "bad";
        {
          this.look();
          return;
        }
      case "expired":
        this.served = undefined;
        return;
      case "stop_done":
        if (this.stopping) this.happen({ ...what, kind: "exit" });
        return;
      case "exit":
      case "spawn_fails": {
        if (this.command === undefined) return;
        const code = what.code ?? 127;
        this.command = undefined;
        this.stopping = false;
        this.lastCode = code;
        this.event(
          what.kind === "exit" ? { kind: "exited", code } : { kind: "start_failed", code },
        );
        return;
      }
      case "signal": {
        const { signal = "SIGTERM", from = "process" } = what;
        const had = this.command;
        const before = had?.received.length;
        this.event({ kind: "signal", signal, from });
        if (had === undefined) {
          if (ENDING.has(signal)) assert.notEqual(this.endedWith, undefined, `${signal} was lost`);
        } else {
          const sent = had.received.length - (before ?? 0);
          assert.equal(sent, from === "process" ? 1 : 0, "passed on once, or by the terminal");
          if (signal === "SIGTERM") this.askedToEnd = true;
        }
        return;
      }
      case "stop_timeout":
        if (this.stopping) this.event({ kind: "stop_timeout" });
        return;
      case "splay_over":
        if (!this.splaying) return;
        this.splaying = false;
        {
          this.event({ kind: "splay_over" });
          return;
        }
      default:
        this.gaveUp = this.endedWith === undefined;
        this.served = undefined;
        {
          this.event({ kind: what.kind === "revoked" ? "revoked" : "failed" });
        }
    }
  }

  look(): void {
    if (this.served === undefined) return;
    if (this.served === "bad") {
      this.event({ kind: "refused" });
      return;
    }
    this.event({ kind: "offered", digest: String(this.served) });
  }

  event(event: SupervisorEvent): void {
    if (this.endedWith !== undefined) return;
    const { state, actions } = nextStep(this.state, event, this.policy);
    this.state = state;
    if (event.kind === "refused") this.told = true;
    for (const action of actions) this.act(action);
  }

  act(action: Action): void {
    switch (action.kind) {
      case "start":
        assert.equal(this.command, undefined, "two commands at once");
        assert.equal(this.askedToEnd, false, "started again after SIGTERM");
        this.command = { set: this.served, received: [] };
        this.applied = this.served;
        this.told = false;
        this.starts++;
        return;
      case "stop":
        assert.notEqual(this.command, undefined, "stopped what does not run");
        assert.equal(this.stopping, false, "stopped twice");
        this.stopping = true;
        return;
      case "kill":
        assert.ok(this.command !== undefined && this.stopping, "killed what was not stopped");
        return;
      case "send":
        assert.ok(this.command !== undefined, "a signal to nothing");
        if (this.policy.onChange.kind === "signal" && action.signal === "SIGUSR2") {
          this.applied = this.served;
        }
        this.command.received.push(action.signal);
        return;
      case "splay":
        assert.equal(this.splaying, false, "two splays");
        this.splaying = true;
        return;
      case "cancel_splay":
        assert.equal(this.splaying, true, "no splay to cancel");
        this.splaying = false;
        return;
      case "look": {
        this.look();
        return;
      }
      case "tell":
        this.told = true;
        return;
      case "end":
        assert.equal(this.endedWith, undefined, "ended twice");
        assert.equal(this.command, undefined, "ended with a command that runs");
        assert.equal(this.splaying, false, "ended with a splay");
        this.endedWith = action.code;
    }
  }
}

test("over any history there is one command, no SIGTERM is lost, and the newest set is applied or it is said why not", () => {
  fc.assert(
    fc.property(policy, fc.array(happening, { maxLength: 40 }), (chosen, happenings) => {
      const world = new World(chosen);
      for (const each of happenings) {
        world.happen(each);
        if (world.endedWith !== undefined) break;
        const { state } = world;
        assert.equal(world.command !== undefined, state.kind !== "waiting");
        assert.ok(
          state.kind !== "waiting" || typeof world.served !== "number",
          "waits for nothing",
        );
        if (
          state.kind === "running" &&
          typeof world.served === "number" &&
          state.change === "none"
        ) {
          assert.ok(world.told || world.applied === world.served, "an older set, and nothing said");
        }
      }
      if (world.endedWith === undefined) return;
      const code = world.lastCode;
      if (world.gaveUp) assert.equal(world.endedWith, 1);
      else if (world.state.kind === "ended" && world.starts === 0) {
        assert.ok([1, ...SIGNALS.map(codeOf)].includes(world.endedWith));
      } else if (world.served !== "bad") assert.equal(world.endedWith, code);
    }),
    { numRuns: runs(5_000) },
  );
});

test("over any history, the end comes when the command ends by itself", () => {
  fc.assert(
    fc.property(policy, fc.array(happening, { maxLength: 40 }), (chosen, happenings) => {
      const world = new World(chosen);
      for (const each of happenings) {
        const before = world.state.kind;
        world.happen(each);
        if (before !== "running" || (each.kind !== "exit" && each.kind !== "spawn_fails")) continue;
        assert.equal(world.endedWith, world.lastCode);
        return;
      }
    }),
    { numRuns: runs(1_000) },
  );
});

test("whoever was asked to end by one of these signals is not started again", () => {
  for (const signal of ASKS_TO_END) {
    const world = new World({ onChange: { kind: "restart" }, splays: false });
    world.happen({ kind: "change", set: 1 });
    world.happen({ kind: "signal", signal, from: "terminal" });
    world.happen({ kind: "change", set: 2 });
    assert.equal(world.state.kind, "running");
    assert.equal(world.told, true);
  }
});

test("a signal that comes while it is stopped to start again goes to it, and only one that asks for its end keeps it from starting", () => {
  for (const signal of SIGNALS) {
    const world = new World({ onChange: { kind: "restart" }, splays: false });
    world.happen({ kind: "change", set: 1 });
    world.happen({ kind: "change", set: 2 });
    assert.equal(world.state.kind, "stopping_to_restart");
    world.happen({ kind: "signal", signal, from: "process" });
    assert.deepEqual(world.command?.received, [signal]);
    world.happen({ kind: "stop_done", code: 0 });
    assert.equal(world.starts, ASKS_TO_END.has(signal) ? 1 : 2, signal);
    assert.equal(world.endedWith, ASKS_TO_END.has(signal) ? 0 : undefined, signal);
  }
});
