/**
 * Copies `source[start..end)` to `target` from `at` on, byte by byte: a native copy would leave a piece of
 * the secret in the vector registers.
 *
 * @returns the place in `target` after the last byte.
 */
export function copySecret(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  start: number,
  end: number,
): number {
  let to = at;
  for (let from = start; from < end; from++) target[to++] = source[from] ?? 0;
  return to;
}
