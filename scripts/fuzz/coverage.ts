/**
 * Which branches were ever taken, and about how often in one run: once, twice, three times, up to 7, 15, 31,
 * 127 times and more, as AFL counts them.
 */
export class Coverage {
  readonly #counters: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array;
  readonly #seen: Uint8Array;

  /** @param counters - a byte for each branch; a whole number of words. */
  constructor(counters: Uint8Array<ArrayBuffer>) {
    this.#counters = counters;
    this.#words = new Uint32Array(counters.buffer);
    this.#seen = new Uint8Array(counters.length);
  }

  /** Takes the counters of one run, and makes them ready for the next. @returns whether it did something new. */
  take(): boolean {
    let isNew = false;
    for (let word = 0; word < this.#words.length; word++) {
      if (this.#words[word] === 0) continue;
      for (let place = word * 4; place < word * 4 + 4; place++) {
        const times = BUCKETS[this.#counters[place] ?? 0] ?? 0;
        const before = this.#seen[place] ?? 0;
        if ((times & ~before) === 0) continue;
        this.#seen[place] = before | times;
        isNew = true;
      }
      this.#words[word] = 0;
    }
    return isNew;
  }

  /** The branches that any run took. */
  everTaken(): readonly number[] {
    return [...this.#seen.keys()].filter((place) => this.#seen[place] !== 0);
  }

  /** The branches of one run. */
  taken(): readonly number[] {
    const taken: number[] = [];
    for (const [place, times] of this.#counters.entries()) if (times > 0) taken.push(place);
    return taken;
  }

  clear(): void {
    this.#words.fill(0);
  }
}

const LIMITS = [1, 2, 3, 7, 15, 31, 127, 255];
const BUCKETS = Uint8Array.from({ length: 256 }, (_, times) =>
  times === 0 ? 0 : 1 << LIMITS.findIndex((limit) => times <= limit),
);
