import type { Agent } from "node:http";

/** Node.js closes a connection that nobody has used for so long, in milliseconds, by a timer. */
export const IDLE_MS = 5_000;

/**
 * The connections that an agent of Node.js keeps open for the next request. After a freeze, or with a
 * network that forgot them, they lead nowhere, and a second try over the next of them fails like the first.
 */
export class IdleConnections {
  readonly #agent: Agent;
  readonly #nowMs: () => number;
  #usedMs = 0;

  constructor(agent: Agent, nowMs: () => number) {
    this.#agent = agent;
    this.#nowMs = nowMs;
  }

  /** To be called before each request: closes those whose timer would have run, had time not stood still. */
  use(): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#usedMs > IDLE_MS) this.close();
    this.#usedMs = nowMs;
  }

  /** Closes them, and each that becomes idle later: they are not to be used any more. */
  retire(): void {
    this.#agent.maxFreeSockets = 0;
    this.close();
  }

  close(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }
}
