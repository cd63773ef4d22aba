import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { array, assert as check, constantFrom, nat, property, record } from "fast-check";
import { ConnectionPolicy, type Standing } from "../../../src/server/connection-policy.ts";

class Fake implements Standing {
  trusted = false;
  lastUse = 0;
  isBusy = false;
  isOpen = false;
}

/** A policy, and the connections as its owner sees them. */
class Trial {
  readonly policy: ConnectionPolicy<Fake>;
  constructor(unproven: number, trusted: number) {
    this.policy = new ConnectionPolicy({ unproven, trusted });
  }

  open(): Fake {
    const connection = new Fake();
    connection.isOpen = true;
    this.#close(this.policy.opened(connection));
    return connection;
  }

  trust(connection: Fake): void {
    this.#close(this.policy.trust(connection));
  }

  trusted(): Fake {
    const connection = this.open();
    this.trust(connection);
    return connection;
  }

  readonly reasons: string[] = [];

  #close(eviction: { readonly connection: Fake; readonly reason: string } | undefined): void {
    if (eviction === undefined) return;
    eviction.connection.isOpen = false;
    this.reasons.push(eviction.reason);
  }
}

describe("connections that have not shown the token", () => {
  test("make room for each other, the oldest first", () => {
    const trial = new Trial(2, 2);
    const [first, second, third] = [trial.open(), trial.open(), trial.open()];
    assert.deepEqual([first.isOpen, second.isOpen, third.isOpen], [false, true, true]);
    assert.deepEqual(trial.reasons, ["unproven"]);
  });

  test("take no place of those that have, however many come", () => {
    const trial = new Trial(2, 2);
    const kept = [trial.trusted(), trial.trusted()];
    for (let index = 0; index < 1_000; index++) trial.open();
    assert.ok(kept.every(({ isOpen }) => isOpen));
    assert.equal(trial.policy.open, 4);
  });

  test("are refused only while every other of their kind is being answered", () => {
    const trial = new Trial(1, 1);
    const busy = trial.open();
    busy.isBusy = true;
    assert.equal(trial.open().isOpen, false);
    assert.deepEqual(trial.reasons, ["refused"]);
    busy.isBusy = false;
    assert.equal(trial.open().isOpen, true);
    assert.equal(busy.isOpen, false);
  });
});

describe("connections that have shown the token", () => {
  test("make room for newer ones, the longest idle first", () => {
    const trial = new Trial(2, 2);
    const [first, second] = [trial.trusted(), trial.trusted()];
    trial.trust(first);
    const third = trial.trusted();
    assert.deepEqual([first.isOpen, second.isOpen, third.isOpen], [true, false, true]);
    assert.deepEqual(trial.reasons, ["idle"]);
  });

  test("are not closed while they are being answered; the newest is not kept then", () => {
    const trial = new Trial(2, 1);
    const busy = trial.trusted();
    busy.isBusy = true;
    const late = trial.trusted();
    assert.deepEqual([busy.isOpen, late.isOpen, late.trusted], [true, true, false]);
  });

  test("lose their place with a wrong token", () => {
    const trial = new Trial(1, 1);
    const connection = trial.trusted();
    trial.policy.distrust(connection);
    assert.equal(connection.trusted, false);
    trial.open();
    assert.equal(connection.isOpen, false);
  });

  test("have no place where none is for them, as on the listener for probes", () => {
    const trial = new Trial(1, 0);
    assert.equal(trial.trusted().trusted, false);
  });
});

test("whatever happens, there are never more than the limits say, and no trusted one goes for one that is not", () => {
  const step = record({
    what: constantFrom("open", "trust", "distrust", "busy", "close"),
    which: nat(),
  });
  check(
    property(array(step, { maxLength: 200 }), (steps) => {
      const trial = new Trial(3, 3);
      const all: Fake[] = [];
      for (const { what, which } of steps) {
        const open = all.filter(({ isOpen }) => isOpen);
        const trusted = open.filter((one) => one.trusted);
        const chosen = open[which % Math.max(1, open.length)];
        if (what === "open") {
          all.push(trial.open());
          assert.ok(trusted.every(({ isOpen }) => isOpen));
        }
        if (chosen === undefined) continue;
        if (what === "trust") trial.trust(chosen);
        if (what === "distrust") trial.policy.distrust(chosen);
        if (what === "busy") chosen.isBusy = !chosen.isBusy;
        if (what === "close") {
          chosen.isOpen = false;
          trial.policy.closed(chosen);
        }
        const left = all.filter(({ isOpen }) => isOpen);
        assert.equal(trial.policy.open, left.length);
        assert.ok(left.filter((one) => one.trusted).length <= 3);
      }
    }),
  );
});
