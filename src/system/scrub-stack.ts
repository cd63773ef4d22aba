/** As many bytes of arguments as the deepest frame that is to be overwritten, several times over. */
const BLANKS: readonly number[] = Array.from({ length: 8_192 }, () => 0);

/**
 * Overwrites the 64 KiB of stack below the caller, where native code has left what it read: Node.js has
 * OpenSSL decrypt into an array on the stack. Call it from the event loop itself (`setImmediate`); deeper
 * down it does not reach.
 */
export function scrubStack(): void {
  Math.max(...BLANKS);
}
