/** A piece of the agent that reads what strangers write, and what must hold whatever they do. */
export interface FuzzTarget {
  /** Where to begin: what the piece is meant to read. */
  readonly seeds: readonly (string | Buffer)[];
  /** Words of the language, which chance would not find. */
  readonly words: readonly string[];
  /** The longest input; short ones are quick. */
  readonly maxBytes: number;
  /** Reads the input. @throws whatever is a fault of the agent, an AssertionError too. */
  readonly run: (input: Buffer) => void | Promise<void>;
  /** Lets go of what it holds open. */
  readonly close?: () => unknown;
}
