import { nextFreshness } from "../freshness/freshness.ts";
import { FILES_RETRY_MS } from "../limits.ts";
import type { Instant } from "../system/clock.ts";
import type { FilesRemovalReason } from "../telemetry/events.ts";

/** A revision of secrets, with what its time is measured by. */
export interface Timed {
  /** Undefined for what an earlier agent left. */
  readonly revision: string | undefined;
  readonly expiresAtMs: number | undefined;
  readonly refreshedAt: Instant;
  readonly acceptedAt: Instant;
}

/** The life of the files (docs/files.md has it as a table). */
export interface FilesLife {
  /** What is served now. */
  readonly serving: Timed | undefined;
  /** What readers find; undefined if they must find nothing. */
  readonly placed: Timed | undefined;
  /** Why nothing must lie there although something may. */
  readonly removal: FilesRemovalReason | undefined;
  readonly failure: { readonly code: string; readonly retryAtMonoMs: number } | undefined;
}

export type FilesEvent =
  /** An earlier agent left a set; undefined one of which nobody knows how old it is. */
  | { readonly kind: "found"; readonly left: Timed | undefined }
  | { readonly kind: "serving"; readonly serving: Timed }
  | { readonly kind: "renewed"; readonly at: Instant }
  | {
      readonly kind: "ended";
      readonly reason: "revoked" | "artifact_expired" | "cache_expired";
    }
  /** The agent stops. */
  | { readonly kind: "stopped" }
  | { readonly kind: "written" }
  | { readonly kind: "removed" }
  | { readonly kind: "failed"; readonly code: string; readonly at: Instant }
  | { readonly kind: "tick"; readonly at: Instant };

export const NOTHING_PLACED: FilesLife = {
  serving: undefined,
  placed: undefined,
  removal: undefined,
  failure: undefined,
};

/**
 * What readers find lives as long as what is served, if it is that; a set from before on its own time.
 * A revocation ends both.
 */
export function nextLife(life: FilesLife, event: FilesEvent, ttlMs: number): FilesLife {
  switch (event.kind) {
    case "found":
      return event.left === undefined ? gone(life, "unknown_age") : { ...life, placed: event.left };
    case "serving":
      return { ...life, serving: event.serving, failure: undefined };
    case "renewed": {
      if (life.serving === undefined) return life;
      const serving = { ...life.serving, refreshedAt: event.at };
      return { ...life, serving, placed: isPlaced(life) ? serving : life.placed };
    }
    case "ended": {
      const ended = { ...life, serving: undefined, failure: undefined };
      return event.reason === "revoked" || isPlaced(life) ? gone(ended, event.reason) : ended;
    }
    case "stopped": {
      const ended = { ...life, serving: undefined, failure: undefined };
      return life.placed === undefined ? ended : gone(ended, "stopped");
    }
    case "written":
      return { ...life, placed: life.serving, removal: undefined, failure: undefined };
    case "removed": {
      const { serving, failure } = life;
      return { ...life, removal: undefined, failure: serving === undefined ? undefined : failure };
    }
    case "failed": {
      const retryAtMonoMs = event.at.monoMs + FILES_RETRY_MS;
      return { ...life, failure: { code: event.code, retryAtMonoMs } };
    }
    case "tick":
      return afterTick(life, event.at, ttlMs);
  }
}

/**
 * What is to be done now, in this order. What must not be there goes first, waits for nothing, and where
 * it cannot be removed keeps no new set from taking its place.
 */
export function dueOf(life: FilesLife, now: Instant): readonly ("remove" | "write")[] {
  const { serving, removal, failure } = life;
  const waits = failure !== undefined && now.monoMs < failure.retryAtMonoMs;
  const writes = serving !== undefined && !isPlaced(life) && !waits;
  return [
    ...(removal === undefined ? [] : (["remove"] as const)),
    ...(writes ? (["write"] as const) : []),
  ];
}

/** Whether readers find what is served. */
export function isPlaced({ serving, placed }: FilesLife): boolean {
  return serving !== undefined && placed?.revision === serving.revision;
}

/** What is served is ended by the feed; a set from before has nobody else to end it. */
function afterTick(life: FilesLife, at: Instant, ttlMs: number): FilesLife {
  const { placed } = life;
  if (placed === undefined || isPlaced(life)) return life;
  const { refreshedAt, acceptedAt, expiresAtMs } = placed;
  const serving = { revision: "", expiresAtMs, expiresAt: undefined };
  const before = { kind: "fresh", serving, refreshedAt, acceptedAt } as const;
  const { kind } = nextFreshness(before, { kind: "tick", at }, ttlMs);
  return kind === "cache_expired" || kind === "artifact_expired" ? gone(life, kind) : life;
}

/** The first reason stays until nothing lies there any more. */
function gone(life: FilesLife, reason: FilesRemovalReason): FilesLife {
  return { ...life, placed: undefined, removal: life.removal ?? reason };
}
