import type { Socket } from "node:net";

/** Often enough that a stop is prompt, seldom enough to cost nothing. */
export const SWEEP_MS = 20;

/**
 * The connections of a listener, so that they can be closed without cutting an answer short.
 * node:http's own `closeIdleConnections`, which its `close` calls too, takes a connection for idle
 * as soon as `end` was called, though most of a large answer may still be waiting to be sent.
 */
export class Connections {
  readonly #open = new Set<Socket>();
  /** How many answers of each are still being made; a client may ask again before the first. */
  readonly #awaited = new Map<Socket, number>();

  add(socket: Socket): void {
    this.#open.add(socket);
    socket.once("close", () => {
      this.#open.delete(socket);
      this.#awaited.delete(socket);
    });
  }

  /** An answer is being made that will come later. */
  await(socket: Socket): void {
    this.#awaited.set(socket, (this.#awaited.get(socket) ?? 0) + 1);
  }

  /** That answer was handed over. */
  answered(socket: Socket): void {
    const others = (this.#awaited.get(socket) ?? 0) - 1;
    if (others > 0) this.#awaited.set(socket, others);
    else this.#awaited.delete(socket);
  }

  /**
   * Closes each connection once all its answers are sent and nothing more has come for a while: what
   * was sent before may be read only now. What is left after `graceMs` is cut off.
   */
  async drain(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    const readBefore = new Map<Socket, number>();
    while (this.#open.size > 0) {
      const late = performance.now() > deadline;
      for (const socket of this.#open) {
        const quiet = readBefore.get(socket) === socket.bytesRead;
        readBefore.set(socket, socket.bytesRead);
        if (late || socket.destroyed) socket.destroy();
        else if (quiet && !this.#isAnswering(socket)) socket.destroySoon();
      }
      // oxlint-disable-next-line no-await-in-loop -- looks again after a while
      await new Promise((resolve) => setTimeout(resolve, SWEEP_MS));
    }
  }

  #isAnswering(socket: Socket): boolean {
    return this.#awaited.has(socket) || socket.writableLength > 0;
  }
}
