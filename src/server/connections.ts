import type { Socket } from "node:net";
import { Connection } from "./connection.ts";
import {
  type ConnectionLimits,
  ConnectionPolicy,
  type Dropped,
  type Eviction,
} from "./connection-policy.ts";
import { monotonicMs } from "../system/monotonic.ts";

/** Often enough that a stop is prompt, seldom enough to cost nothing. */
const SWEEP_MS = 20;

/** In which an idle event loop looks at its sockets once, on an ordinary machine. */
const QUICK_LOOK_MS = 0.05;

/** Resolves when the event loop has looked at its sockets once more. */
function lookedAtSockets(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits a little, and until what came meanwhile is read: on a busy machine the timer may be due before it is. */
async function afterSweep(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SWEEP_MS));
  await lookedAtSockets();
}

/**
 * The connections of a listener: closes those that the policy says must make room, and at the end all of
 * them without cutting an answer short.
 * node:http's own `closeIdleConnections`, which its `close` calls too, takes a connection for idle
 * as soon as `end` was called, though most of a large answer may still be waiting to be sent.
 */
export class Connections {
  readonly #open = new Map<Socket, Connection>();
  readonly #policy: ConnectionPolicy<Connection>;
  readonly #onDropped: (reason: Dropped) => void;
  /** How many there were, ever. */
  #added = 0;

  constructor(limits: ConnectionLimits, onDropped: (reason: Dropped) => void) {
    this.#policy = new ConnectionPolicy(limits);
    this.#onDropped = onDropped;
  }

  add(socket: Socket): Connection {
    const connection = new Connection(socket, this.#showedToken);
    this.#open.set(socket, connection);
    this.#added++;
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#policy.closed(connection);
    });
    this.#evict(this.#policy.opened(connection));
    return connection;
  }

  /** The connection of a socket that was added, open or closed a moment ago. */
  of(socket: Socket): Connection {
    return this.#open.get(socket) ?? new Connection(socket, this.#showedToken);
  }

  /**
   * Waits for those who connected before now. The event loop accepts one connection each time that it looks, so
   * this goes on while some still come, but not for longer than `withinMs`. Nor is a look trusted that took long,
   * as somebody may have connected since it began; how long that is grows, for machines on which all are slow.
   */
  async allAccepted(withinMs: number): Promise<void> {
    const deadline = monotonicMs() + withinMs;
    await afterSweep();
    for (let longestMs = QUICK_LOOK_MS; ; longestMs *= 1.1) {
      const before = this.#added;
      const from = monotonicMs();
      // oxlint-disable-next-line no-await-in-loop -- one look after the other
      await lookedAtSockets();
      const now = monotonicMs();
      if (now > deadline || (before === this.#added && now - from < longestMs)) return;
    }
  }

  /**
   * Closes each connection once all its answers are sent and nothing more has come for a while: what
   * was sent before may be read only now. One on which nothing was asked yet has `newMs` for that, as a client
   * may be kept from it on a busy machine. What is left after `graceMs` is cut off.
   */
  async drain(graceMs: number, newMs: number): Promise<void> {
    const deadline = monotonicMs() + graceMs;
    const newDeadline = monotonicMs() + newMs;
    const readBefore = new Map<Socket, number>();
    while (this.#open.size > 0) {
      const now = monotonicMs();
      const late = now > deadline;
      for (const [socket, connection] of this.#open) {
        const quiet = readBefore.get(socket) === socket.bytesRead;
        readBefore.set(socket, socket.bytesRead);
        if (late || socket.destroyed) socket.destroy();
        else if (connection.isNew && now < newDeadline) continue;
        else if (quiet && !connection.isBusy) socket.destroySoon();
      }
      // oxlint-disable-next-line no-await-in-loop -- looks again after a while
      await afterSweep();
    }
  }

  readonly #showedToken = (connection: Connection, right: boolean): void => {
    if (!right) {
      this.#policy.distrust(connection);
      return;
    }
    const isNew = !connection.trusted;
    this.#evict(this.#policy.trust(connection));
    if (isNew && connection.trusted) connection.onTrusted();
  };

  #evict(eviction: Eviction<Connection> | undefined): void {
    if (eviction === undefined) return;
    // Frees its descriptor at once.
    eviction.connection.socket.destroy();
    this.#onDropped(eviction.reason);
  }
}
