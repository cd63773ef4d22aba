import { createHash } from "node:crypto";
import type { AgentError } from "../errors.ts";
import { REFUSAL_MEMORY_MS } from "../limits.ts";
import { type Clock, elapsedMs, type Instant } from "../system/clock.ts";

/**
 * Remembers which bytes were refused last, so that a source that holds them is not worth work at every
 * poll. Only for refusals that nothing but other bytes can change, and for some minutes, so that one that was
 * a mistake all the same, such as of a machine short of memory, does not stay.
 */
export class RefusalMemory {
  readonly #clock: Pick<Clock, "now">;
  #last:
    { readonly digest: string; readonly error: AgentError; readonly since: Instant } | undefined;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Why these very bytes were refused; undefined if they were not, or too long ago. */
  recall(bytes: Uint8Array): AgentError | undefined {
    if (this.#last === undefined) return undefined;
    const { digest, error, since } = this.#last;
    const isOld = elapsedMs(since, this.#clock.now()) > REFUSAL_MEMORY_MS;
    if (!isOld && digest === sha256(bytes)) return error;
    this.#last = undefined;
    return undefined;
  }

  remember(bytes: Uint8Array, error: AgentError): void {
    this.#last = { digest: sha256(bytes), error, since: this.#clock.now() };
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
