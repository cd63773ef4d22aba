import {
  MAX_CONNECTIONS,
  MAX_PROBE_CONNECTIONS,
  MAX_UNPROVEN_CONNECTIONS,
  MIN_CONNECTIONS,
  RESERVED_DESCRIPTORS,
} from "../limits.ts";
import type { ConnectionLimits } from "./connection-policy.ts";

/** What listens beside each other. */
export interface ListenerCounts {
  /** Of the API: on a port, on a socket. */
  readonly apis: number;
  readonly probes: number;
}

/**
 * How many connections each listener has, so that descriptors are left for the source, the KMS and the
 * disk cache when all of them are taken.
 *
 * @param descriptors - how many the process may have.
 */
export function connectionLimits(
  descriptors: number,
  listeners: ListenerCounts,
): { readonly api: ConnectionLimits; readonly probes: ConnectionLimits } {
  const left = Math.max(MIN_CONNECTIONS, descriptors - RESERVED_DESCRIPTORS);
  const probes = listeners.probes > 0 ? Math.min(MAX_PROBE_CONNECTIONS, Math.floor(left / 4)) : 0;
  const share = Math.floor((left - probes) / Math.max(1, listeners.apis));
  const api = Math.min(MAX_CONNECTIONS, share);
  const unproven = Math.min(MAX_UNPROVEN_CONNECTIONS, Math.floor(api / 2));
  return {
    api: { unproven, trusted: api - unproven },
    // Nobody shows a token there.
    probes: { unproven: probes, trusted: 0 },
  };
}
