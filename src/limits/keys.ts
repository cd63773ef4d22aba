/** Keys, tokens and certificates, and the files and pipes that they are read from. */

/** Files that hold keys or tokens: a mistyped path to something huge must not be read whole. */
export const KEY_FILE_MAX_BYTES: number = 1024 * 1024;

/** Without a byte from a pipe that is read as a key or token: what writes it is there already, or never comes. */
export const KEY_PIPE_SILENCE_MS = 10_000;

/** The same for the input of a command: what writes it may ask a person for a passphrase. */
export const INPUT_PIPE_SILENCE_MS = 120_000;

/** Between two looks at a pipe that is silent: too short to be noticed, too long to be work. */
export const PIPE_POLL_MS = 20;

/** Files in a directory of certificates to trust: a system's has some 300 links and files. */
export const CA_DIRECTORY_MAX_FILES = 2_000;

/** A bearer token; compared in a buffer of this size whatever was sent. */
export const TOKEN_MAX_BYTES = 512;

/** Below this a token can be guessed over loopback in reasonable time. */
export const TOKEN_MIN_SAFE_LENGTH = 16;

/** A random token of that length has more different characters, in hexadecimal digits too. */
export const TOKEN_MIN_VARIETY = 6;
