/** Whether the one who waits has gone away meanwhile. */
export type HasLeft = () => boolean;

export const stays: HasLeft = () => false;

interface Waiting {
  readonly hasLeft: HasLeft;
  readonly turn: (place: boolean) => void;
}

/** A number of places, and a line of limited length before them. First come, first served. */
export class Places {
  #free: number;
  readonly #longestLine: number;
  #line: Waiting[] = [];

  constructor(places: number, longestLine: number) {
    this.#free = places;
    this.#longestLine = longestLine;
  }

  /**
   * Takes a place, now or when one is left.
   *
   * @returns whether there is one: not if the line is full, nor for who has left when its turn comes.
   */
  enter(hasLeft: HasLeft = stays): Promise<boolean> | boolean {
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    if (this.#line.length >= this.#longestLine) this.#dropThoseWhoLeft();
    if (this.#line.length >= this.#longestLine) return false;
    return new Promise((turn) => this.#line.push({ hasLeft, turn }));
  }

  /** Gives a place back, to the next in line if anybody still waits. */
  leave(): void {
    for (let next = this.#line.shift(); next !== undefined; next = this.#line.shift()) {
      const left = next.hasLeft();
      next.turn(!left);
      if (!left) return;
    }
    this.#free++;
  }

  #dropThoseWhoLeft(): void {
    this.#line = this.#line.filter(({ hasLeft, turn }) => {
      const left = hasLeft();
      if (left) turn(false);
      return !left;
    });
  }
}
