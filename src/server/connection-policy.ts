/** How many connections a listener has at once, by whether they have shown the token. */
export interface ConnectionLimits {
  /** Those that have not: most wait for their first request to come, the others are being closed. */
  readonly unproven: number;
  /** Those that have; only they are kept after an answer. */
  readonly trusted: number;
}

/** What the policy knows of a connection, and the policy alone changes. */
export interface Standing {
  trusted: boolean;
  /** Grows with every use: the smallest number is the longest idle. */
  lastUse: number;
  /** Whether it waits for an answer, or still has to read one. */
  readonly isBusy: boolean;
}

/**
 * Why a connection was closed: `unproven` and `idle` make room for a newer one, `refused` is a new one
 * for which there was none, because every other was being answered.
 */
export type Dropped = "unproven" | "idle" | "refused";

export interface Eviction<Connection> {
  readonly connection: Connection;
  readonly reason: Dropped;
}

/**
 * Decides which connections make room when there are too many. New ones come first, and those that
 * have not shown the token compete among themselves alone: whoever does not have it cannot take
 * a place that an application keeps, nor one that the next client needs.
 *
 * It counts and chooses; opening and closing sockets is the caller's part.
 */
export class ConnectionPolicy<Connection extends Standing> {
  readonly #limits: ConnectionLimits;
  /** In the order in which they came. */
  readonly #unproven = new Set<Connection>();
  readonly #trusted = new Set<Connection>();
  #uses = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  get open(): number {
    return this.#unproven.size + this.#trusted.size;
  }

  /**
   * A connection was accepted.
   *
   * @returns the one to close; it may be the new one.
   */
  opened(connection: Connection): Eviction<Connection> | undefined {
    let eviction: Eviction<Connection> | undefined;
    if (this.#unproven.size >= this.#limits.unproven) {
      const oldest = firstIdle(this.#unproven);
      if (oldest === undefined) return { connection, reason: "refused" };
      this.closed(oldest);
      eviction = { connection: oldest, reason: "unproven" };
    }
    connection.trusted = false;
    this.#unproven.add(connection);
    return eviction;
  }

  /**
   * A request on it came with the right token: it is kept from now on, if there is a place. Where
   * every trusted connection is being answered there is none, and it is closed after its answer.
   *
   * @returns the one to close in its place.
   */
  trust(connection: Connection): Eviction<Connection> | undefined {
    connection.lastUse = ++this.#uses;
    if (connection.trusted || !this.#unproven.has(connection)) return undefined;
    let eviction: Eviction<Connection> | undefined;
    if (this.#trusted.size >= this.#limits.trusted) {
      const idle = longestIdle(this.#trusted);
      if (idle === undefined) return undefined;
      this.closed(idle);
      eviction = { connection: idle, reason: "idle" };
    }
    this.#unproven.delete(connection);
    this.#trusted.add(connection);
    connection.trusted = true;
    return eviction;
  }

  /** A request on it came with a wrong token, as after a rotation: it is not kept any longer. */
  distrust(connection: Connection): void {
    if (!this.#trusted.delete(connection)) return;
    connection.trusted = false;
    this.#unproven.add(connection);
  }

  /** It is closed, or about to be: it takes no place any more. */
  closed(connection: Connection): void {
    this.#unproven.delete(connection);
    this.#trusted.delete(connection);
  }
}

/** Only who has the token can keep one busy, so this looks at one unless many do. */
function firstIdle<Connection extends Standing>(
  connections: Iterable<Connection>,
): Connection | undefined {
  for (const connection of connections) if (!connection.isBusy) return connection;
  return undefined;
}

function longestIdle<Connection extends Standing>(
  connections: Iterable<Connection>,
): Connection | undefined {
  let longest: Connection | undefined;
  for (const connection of connections) {
    if (connection.isBusy) continue;
    if (longest === undefined || connection.lastUse < longest.lastUse) longest = connection;
  }
  return longest;
}
