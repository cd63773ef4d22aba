/** Running a command with the secrets in its environment. */

/** `NAME=value` in an environment; what Linux refuses to take (execve(2), MAX_ARG_STRLEN). */
export const ENVIRONMENT_STRING_MAX_BYTES: number = 128 * 1024;

/** What else the system may lay beside environment and arguments: a script's interpreter, and paths. */
export const EXECVE_MARGIN_BYTES = 8_192;

/** Problems of one set of secrets that are named one by one; the rest are counted. */
export const EXEC_PROBLEMS_SHOWN = 20;

/** Between two looks at secrets that could not be decrypted just now, or at an agent that has given none yet. */
export const EXEC_LOOK_AGAIN_MS = 1_000;

/** Before an agent is asked again that refused our token, which it once took. */
export const EXEC_ATTACH_AGAIN_MS = 5_000;

/** Between two looks at a process group that is ending. */
export const GROUP_POLL_MS = 25;

/** What was sent SIGKILL gets this long to be gone, and is no longer waited for then. */
export const GROUP_KILL_MS = 1_000;
