import type { Mode } from "../config/config.ts";
import type { Decrypt } from "../decrypt/decrypt.ts";
import { JUST_IN_TIME_TTL_MS } from "../limits.ts";
import { cachedStore } from "../store/cached.ts";
import { justInTimeStore } from "../store/just-in-time.ts";
import type { SecretsStore } from "../store/secrets.ts";
import type { Clock } from "../system/clock.ts";

/** What the two modes do differently; the rest of the agent does not know which one it is in. */
export interface ModeParts {
  readonly store: SecretsStore;
  /** How long secrets may be served without a successful refresh. */
  readonly ttlMs: number;
  /** The TTL that sets the pace of polling. */
  readonly pacingTtlMs: number;
  /** Whether a Lambda function looks at the source at every invocation, or when a poll is due. */
  readonly everyInvocation: boolean;
}

export function modeParts(mode: Mode, decrypt: Decrypt, clock: Clock): ModeParts {
  switch (mode.kind) {
    case "cached":
      return {
        store: cachedStore(decrypt, clock),
        ttlMs: mode.ttlMs,
        pacingTtlMs: mode.ttlMs,
        everyInvocation: false,
      };
    case "jit":
      return {
        store: justInTimeStore(decrypt, clock),
        ttlMs: JUST_IN_TIME_TTL_MS,
        pacingTtlMs: 0,
        everyInvocation: true,
      };
  }
}
