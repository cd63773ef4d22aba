import { AgentError } from "../errors.ts";
import type { KmsEnvelope } from "./artifact.ts";

export interface Sealed {
  readonly ciphertext: Buffer;
  /** Undefined for an age file, which says itself who can open it. */
  readonly envelope: KmsEnvelope | undefined;
}

/**
 * Encrypts a payload in one of the ways of the contract, section 1, and proves the result: it has the
 * length that the format demands, holds no piece of the payload, and opens to exactly the payload.
 *
 * @throws AgentError `pack_unproved` if it does not.
 */
export type Seal = (payload: Uint8Array) => Promise<Sealed>;

/** What was encrypted is not what it must be, so that it must not leave the process. */
export function unproved(problem: string, cause?: unknown): AgentError {
  return new AgentError(
    "pack_unproved",
    `nothing was packed: ${problem}, checked before anything is written; try another version of Node.js (this is ${process.versions.node}), and report it`,
    { cause },
  );
}
