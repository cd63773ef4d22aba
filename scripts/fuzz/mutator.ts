/** What changes of inputs are made with. */
export interface Mutator {
  /** A number from 0 up to what is given. */
  readonly random: (below: number) => number;
  /** Words of the target's language. */
  readonly words: readonly Buffer[];
  readonly maxBytes: number;
}
