/** Secrets as files. */

/** A file's name; NAME_MAX of Linux and of every file system in memory. */
export const FILE_NAME_MAX_BYTES = 255;

/** Files that could not be written or removed are tried again this often: somebody may have made room. */
export const FILES_RETRY_MS = 5_000;

/** The files of the revision before stay this long for who is just reading them. */
export const FILES_GRACE_MS = 400;

/** What the agent notes beside a set: a signature, a name and two dates. */
export const FILES_RECORD_MAX_BYTES = 4_096;

/** Sockets of dead agents that are looked at; so many crashes between two starts that were none do not happen. */
export const FILES_LOCKS_MAX = 64;

/** A living agent's socket is answered by the kernel, at once. */
export const LOCK_ANSWER_MS = 1_000;

/** One template; the longest configuration files of servers have some hundred kilobytes. */
export const TEMPLATE_MAX_BYTES: number = 1024 * 1024;

/** Templates in their directory; a mistyped path to /etc or / must not become files. */
export const TEMPLATES_MAX = 256;

/** One rendered template. An artifact's worth of secrets fits twice; the same long one again and again does not. */
export const RENDERED_MAX_BYTES: number = 32 * 1024 * 1024;
