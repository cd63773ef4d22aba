/** A number of places, and a line of limited length before them. First come, first served. */
export class Places {
  #free: number;
  readonly #longestLine: number;
  readonly #line: (() => void)[] = [];

  constructor(places: number, longestLine: number) {
    this.#free = places;
    this.#longestLine = longestLine;
  }

  /** Takes a place, now or when one is left. @returns whether there is one: not if the line is full. */
  enter(): Promise<boolean> | boolean {
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    if (this.#line.length >= this.#longestLine) return false;
    return new Promise((resolve) => this.#line.push(() => resolve(true)));
  }

  /** Gives a place back, to the next in line if anybody waits. */
  leave(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
