import { monotonicMs } from "./monotonic.ts";

/** A look-up that has not ended after this many milliseconds is given up for a new one. */
const ABANDON_MS = 60_000;

type Look<Value> = () => Promise<Value>;

interface Pending<Value> {
  readonly found: Promise<Value>;
  readonly sinceMs: number;
}

/**
 * What a library looks up and keeps, such as credentials, for many who ask at once: they share one
 * look-up, and when what it found has gone stale there is one new start for all of them.
 */
export class SharedLookup<Value> {
  readonly #open: () => Look<Value>;
  #look: Look<Value>;
  #openedMs: number = monotonicMs();
  #pending: Pending<Value> | undefined;

  /** @param open - starts anew: what it returns may keep what it found before. */
  constructor(open: () => Look<Value>) {
    this.#open = open;
    this.#look = open();
  }

  /** @throws what the look-up throws. One that outlasts its caller goes on, and serves the next. */
  get(): Promise<Value> {
    const nowMs = monotonicMs();
    let pending = this.#pending;
    if (pending === undefined || nowMs - pending.sinceMs > ABANDON_MS) {
      pending = this.#begin(nowMs);
    }
    return pending.found;
  }

  /**
   * The next `get` looks anew, as what was found is stale.
   *
   * @param usedMs - `monotonicMs()` when its use began: what was found later is not stale. Without
   * it everything is.
   */
  forget(usedMs: number = Number.POSITIVE_INFINITY): void {
    if (this.#openedMs > usedMs) return;
    this.#look = this.#open();
    this.#openedMs = monotonicMs();
    this.#pending = undefined;
  }

  #begin(sinceMs: number): Pending<Value> {
    const pending = { found: this.#look(), sinceMs };
    this.#pending = pending;
    const over = (): void => {
      if (this.#pending === pending) this.#pending = undefined;
    };
    pending.found.then(over, over);
    return pending;
  }
}
