/** Which of a fixed number of items is due first; each has exactly one due time. A binary heap. */
export class DueHeap {
  readonly #due: Float64Array;
  readonly #items: Uint32Array;

  constructor(due: Float64Array) {
    this.#due = due;
    this.#items = Uint32Array.from(due, (_, index) => index).toSorted(
      (a, b) => (due[a] ?? 0) - (due[b] ?? 0),
    );
  }

  /** The item that is due first, and when. */
  first(): { readonly item: number; readonly at: number } {
    const item = this.#items[0] ?? 0;
    return { item, at: this.#dueOf(item) };
  }

  /** Gives the first item a later due time. */
  postponeFirst(at: number): void {
    const item = this.#items[0] ?? 0;
    this.#due[item] = at;
    let hole = 0;
    for (;;) {
      const child = this.#earlierChild(hole);
      const candidate = this.#items[child];
      if (candidate === undefined || this.#dueOf(candidate) >= at) break;
      this.#items[hole] = candidate;
      hole = child;
    }
    this.#items[hole] = item;
  }

  #earlierChild(parent: number): number {
    const left = parent * 2 + 1;
    const right = this.#items[left + 1];
    if (right === undefined) return left;
    return this.#dueOf(right) < this.#dueOf(this.#items[left] ?? 0) ? left + 1 : left;
  }

  #dueOf(item: number): number {
    return this.#due[item] ?? Number.POSITIVE_INFINITY;
  }
}
