import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  dueOf,
  type FilesEvent,
  type FilesLife,
  nextLife,
  NOTHING_PLACED,
  type Timed,
} from "../../../src/files/life.ts";
import { FILES_RETRY_MS } from "../../../src/limits.ts";
import type { Instant } from "../../../src/system/clock.ts";

const TTL = 30_000;
const at = (ms: number): Instant => ({ wallMs: 1e12 + ms, monoMs: ms });
const timed = (revision: string | undefined, refreshedMs = 0, lifeMs?: number): Timed => ({
  revision,
  expiresAtMs: lifeMs === undefined ? undefined : 1e12 + lifeMs,
  refreshedAt: at(refreshedMs),
  acceptedAt: at(0),
});
const after = (...events: readonly FilesEvent[]): FilesLife =>
  events.reduce((life: FilesLife, event) => nextLife(life, event, TTL), NOTHING_PLACED);

const serving = (revision: string): FilesEvent => ({ kind: "serving", serving: timed(revision) });
const written: FilesEvent = { kind: "written" };
const failed: FilesEvent = { kind: "failed", code: "files_full", at: at(0) };
const found: FilesEvent = { kind: "found", left: timed(undefined) };
const tick = (ms: number): FilesEvent => ({ kind: "tick", at: at(ms) });
const ended = (reason: Extract<FilesEvent, { kind: "ended" }>["reason"]): FilesEvent => ({
  kind: "ended",
  reason,
});

describe("the life of the files", () => {
  test("begins with nothing to do", () => {
    assert.deepEqual(dueOf(NOTHING_PLACED, at(0)), []);
  });

  test("asks for a set of every revision that is served, once", () => {
    assert.deepEqual(dueOf(after(serving("1")), at(0)), ["write"]);
    assert.deepEqual(dueOf(after(serving("1"), written), at(0)), []);
    assert.deepEqual(dueOf(after(serving("1"), written, serving("2")), at(0)), ["write"]);
  });

  test("tries again after a while what failed, and at once when another revision comes", () => {
    const life = after(serving("1"), failed);
    assert.deepEqual(dueOf(life, at(FILES_RETRY_MS - 1)), []);
    assert.deepEqual(dueOf(life, at(FILES_RETRY_MS)), ["write"]);
    assert.deepEqual(dueOf(nextLife(life, serving("2"), TTL), at(0)), ["write"]);
  });

  for (const reason of ["revoked", "artifact_expired", "cache_expired"] as const) {
    test(`asks for the removal of what is served when it ends as ${reason}, and says so`, () => {
      const life = after(serving("1"), written, ended(reason));
      assert.deepEqual(dueOf(life, at(0)), ["remove"]);
      assert.equal(life.removal, reason);
      assert.equal(life.placed, undefined);
      assert.deepEqual(dueOf(nextLife(life, { kind: "removed" }, TTL), at(0)), []);
    });
  }

  test("keeps a set from before on its own time, and no longer", () => {
    assert.deepEqual(dueOf(after(found, tick(TTL - 1)), at(0)), []);
    assert.equal(after(found, tick(TTL)).removal, "cache_expired");
    const short: FilesEvent = { kind: "found", left: timed(undefined, 0, 9_000) };
    assert.equal(after(short, tick(8_999)).removal, undefined);
    assert.equal(after(short, tick(9_000)).removal, "artifact_expired");
  });

  test("keeps the set before on its own time while the new one cannot be written", () => {
    const events = [serving("1"), written, serving("2"), failed] as const;
    assert.equal(after(...events, tick(TTL - 1)).removal, undefined);
    assert.equal(after(...events, tick(TTL)).removal, "cache_expired");
    // That the source vouches for the new one says nothing of the old one.
    const renewed: FilesEvent = { kind: "renewed", at: at(TTL - 1) };
    assert.equal(after(...events, renewed, tick(TTL)).removal, "cache_expired");
  });

  test("prolongs what is served when the source vouches for it", () => {
    const renewed: FilesEvent = { kind: "renewed", at: at(TTL - 1) };
    const events = [serving("1"), written, renewed, serving("2"), failed] as const;
    assert.equal(after(...events, tick(TTL)).removal, undefined);
  });

  test("ends a set from before on a revocation, and not on another end of what took its place", () => {
    assert.equal(after(found, ended("revoked")).removal, "revoked");
    assert.equal(after(found, serving("1"), failed, ended("cache_expired")).removal, undefined);
    assert.equal(after(found, serving("1"), failed, ended("revoked")).removal, "revoked");
  });

  test("ends a set of which nobody knows how old it is", () => {
    const life = after({ kind: "found", left: undefined });
    assert.deepEqual(dueOf(life, at(0)), ["remove"]);
    assert.equal(life.removal, "unknown_age");
  });

  test("tries a removal again without waiting, and lets a new set take its place", () => {
    const life = after(serving("1"), written, ended("revoked"), failed);
    assert.deepEqual(dueOf(life, at(0)), ["remove"]);
    assert.deepEqual(dueOf(nextLife(life, serving("2"), TTL), at(0)), ["remove", "write"]);
    assert.equal(nextLife(nextLife(life, serving("2"), TTL), written, TTL).removal, undefined);
  });

  test("tells the first reason of a removal", () => {
    const life = after(serving("1"), written, ended("cache_expired"), failed, ended("revoked"));
    assert.equal(life.removal, "cache_expired");
  });

  test("ends with the agent", () => {
    assert.equal(after(serving("1"), written, { kind: "stopped" }).removal, "stopped");
    assert.deepEqual(dueOf(after(serving("1"), failed, { kind: "stopped" }), at(1e9)), []);
  });
});
