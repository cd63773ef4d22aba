/** Commands that ask a running agent. */

/** `healthcheck` answers before Kubernetes gives up on an exec probe, which is after 1 s. */
export const HEALTHCHECK_TIMEOUT_MS = 900;

/** `refresh` waits for one look at the source, and for the one before it to be long enough ago. */
export const REFRESH_COMMAND_TIMEOUT_MS = 15_000;

/** After the start of an agent: nearly all have served by then, and hardly any has garbage worth collecting. */
export const COLLECT_EARLY_AFTER_MS = 1_000;
