/** Whether the caller that waits has gone away meanwhile. */
export type IsCancelled = () => boolean;

export const neverCancelled: IsCancelled = () => false;

interface Waiter {
  readonly isCancelled: IsCancelled;
  readonly resolve: (acquired: boolean) => void;
}

/** A counting semaphore whose queue has a limited length. First come, first served. */
export class Semaphore {
  #free: number;
  readonly #maxQueue: number;
  #queue: Waiter[] = [];

  constructor(slots: number, maxQueue: number) {
    this.#free = slots;
    this.#maxQueue = maxQueue;
  }

  /**
   * Takes a slot, now or when one is released.
   *
   * @returns whether the caller has one: not if the queue is full, nor if it was cancelled by the time of
   * its turn.
   */
  acquire(isCancelled: IsCancelled = neverCancelled): Promise<boolean> | boolean {
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    if (this.#queue.length >= this.#maxQueue) this.#dropCancelled();
    if (this.#queue.length >= this.#maxQueue) return false;
    return new Promise((resolve) => this.#queue.push({ isCancelled, resolve }));
  }

  /** Gives a slot back, to the next in the queue if anybody still waits. */
  release(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const cancelled = next.isCancelled();
      next.resolve(!cancelled);
      if (!cancelled) return;
    }
    this.#free++;
  }

  #dropCancelled(): void {
    this.#queue = this.#queue.filter(({ isCancelled, resolve }) => {
      const cancelled = isCancelled();
      if (cancelled) resolve(false);
      return !cancelled;
    });
  }
}
