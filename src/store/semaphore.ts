/** Whether the caller that waits has gone away meanwhile. */
export type IsCancelled = () => boolean;

export const neverCancelled: IsCancelled = () => false;

interface Waiter {
  readonly isCancelled: IsCancelled;
  readonly resolve: (acquired: boolean) => void;
}

/** A counting semaphore whose queue has a limited length. First come, first served. */
export class Semaphore {
  #limit: number;
  #taken = 0;
  readonly #maxQueue: number;
  #queue: Waiter[] = [];

  constructor(slots: number, maxQueue: number) {
    this.#limit = slots;
    this.#maxQueue = maxQueue;
  }

  /** From now on there are so many slots. Those that are taken already stay so until they are released. */
  resize(slots: number): void {
    this.#limit = slots;
    this.#grant();
  }

  /**
   * Takes a slot, now or when one is released.
   *
   * @returns whether the caller has one: not if the queue is full, nor if it was cancelled by the time of
   * its turn.
   */
  acquire(isCancelled: IsCancelled = neverCancelled): Promise<boolean> | boolean {
    if (this.#taken < this.#limit) {
      this.#taken++;
      return true;
    }
    if (this.#queue.length >= this.#maxQueue) this.#dropCancelled();
    if (this.#queue.length >= this.#maxQueue) return false;
    return new Promise((resolve) => this.#queue.push({ isCancelled, resolve }));
  }

  /** Gives a slot back, to the next in the queue if anybody still waits. */
  release(): void {
    this.#taken--;
    this.#grant();
  }

  #grant(): void {
    while (this.#taken < this.#limit) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      const cancelled = next.isCancelled();
      if (!cancelled) this.#taken++;
      next.resolve(!cancelled);
    }
  }

  #dropCancelled(): void {
    this.#queue = this.#queue.filter(({ isCancelled, resolve }) => {
      const cancelled = isCancelled();
      if (cancelled) resolve(false);
      return !cancelled;
    });
  }
}
