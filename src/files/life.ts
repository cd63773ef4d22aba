import { remainingMs } from "../freshness/freshness.ts";
import { FILES_RETRY_MS } from "../limits.ts";
import type { Instant } from "../system/clock.ts";

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
  /** Whether something may lie there although nothing must. */
  readonly dirty: boolean;
  readonly failure: { readonly code: string; readonly retryAtMonoMs: number } | undefined;
}

export type FilesEvent =
  /** An earlier agent left a set; undefined one of which nobody knows how old it is. */
  | { readonly kind: "found"; readonly left: Timed | undefined }
  | { readonly kind: "serving"; readonly serving: Timed }
  | { readonly kind: "renewed"; readonly at: Instant }
  | { readonly kind: "ended"; readonly revoked: boolean }
  | { readonly kind: "written" }
  | { readonly kind: "removed" }
  | { readonly kind: "failed"; readonly code: string; readonly at: Instant }
  | { readonly kind: "tick"; readonly at: Instant };

export const NO_FILES: FilesLife = {
  serving: undefined,
  placed: undefined,
  dirty: false,
  failure: undefined,
};

/**
 * What readers find lives as long as what is served, if it is that; a set from before on its own time.
 * A revocation ends both.
 */
export function nextLife(life: FilesLife, event: FilesEvent, ttlMs: number): FilesLife {
  switch (event.kind) {
    case "found":
      return event.left === undefined ? gone(life) : { ...life, placed: event.left };
    case "serving":
      return { ...life, serving: event.serving, failure: undefined };
    case "renewed": {
      if (life.serving === undefined) return life;
      const serving = { ...life.serving, refreshedAt: event.at };
      return { ...life, serving, placed: isPlaced(life) ? serving : life.placed };
    }
    case "ended": {
      const ended = { ...life, serving: undefined, failure: undefined };
      return event.revoked || isPlaced(life) ? gone(ended) : ended;
    }
    case "written":
      return { ...life, placed: life.serving, dirty: false, failure: undefined };
    case "removed":
      return {
        ...life,
        dirty: false,
        failure: life.serving === undefined ? undefined : life.failure,
      };
    case "failed": {
      const retryAtMonoMs = event.at.monoMs + FILES_RETRY_MS;
      return { ...life, failure: { code: event.code, retryAtMonoMs } };
    }
    case "tick": {
      const { placed } = life;
      if (placed === undefined || isPlaced(life)) return life;
      const serving = { revision: "", expiresAtMs: placed.expiresAtMs, expiresAt: undefined };
      const state = { ...placed, kind: "fresh" as const, serving };
      return remainingMs(state, event.at, ttlMs) > 0 ? life : gone(life);
    }
  }
}

/** What is to be done now. What must not be there goes first, and waits for nothing. */
export function dueOf(life: FilesLife, now: Instant): "remove" | "write" | undefined {
  if (life.dirty) return "remove";
  if (life.serving === undefined || isPlaced(life)) return undefined;
  const waits = life.failure !== undefined && now.monoMs < life.failure.retryAtMonoMs;
  return waits ? undefined : "write";
}

/** Whether readers find what is served. */
export function isPlaced({ serving, placed }: FilesLife): boolean {
  return serving !== undefined && placed?.revision === serving.revision;
}

function gone(life: FilesLife): FilesLife {
  return { ...life, placed: undefined, dirty: true };
}
