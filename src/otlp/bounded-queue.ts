/** A queue that never grows beyond its capacity: the oldest item goes when there is one too many. */
export class BoundedQueue<Item> {
  readonly #capacity: number;
  #items: Item[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.length;
  }

  /** @returns how many items were dropped to make room. */
  push(item: Item): number {
    this.#items.push(item);
    return this.#trim();
  }

  /** Removes up to `count` of the oldest items, in their order. */
  take(count: number): readonly Item[] {
    return this.#items.splice(0, count);
  }

  /**
   * Puts items back that were taken last, in front of those that came since.
   *
   * @returns how many of them there was no more room for.
   */
  putBack(items: readonly Item[]): number {
    this.#items = [...items, ...this.#items];
    return this.#trim();
  }

  #trim(): number {
    const excess = Math.max(0, this.#items.length - this.#capacity);
    if (excess > 0) this.#items.splice(0, excess);
    return excess;
  }
}
