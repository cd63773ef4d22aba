import type { Socket } from "node:net";
import { LINGER_MS } from "../limits.ts";
import type { Standing } from "./connection-policy.ts";
import type { Client } from "./request.ts";

/** One client's connection, from its being accepted to its end. */
export class Connection implements Standing, Client {
  readonly socket: Socket;
  readonly showedToken: (right: boolean) => void;
  trusted = false;
  lastUse = 0;
  /** Its last answer is on its way: whatever else came on it is not looked at. */
  isClosing = false;
  /** No request came on it yet. */
  isNew = true;
  /** Called when a request on it came with the right token. */
  onTrusted: () => void = () => undefined;
  /** Answers still being made; a client may ask again before the first. */
  #awaited = 0;

  constructor(socket: Socket, showedToken: (connection: Connection, right: boolean) => void) {
    this.socket = socket;
    this.showedToken = (right) => showedToken(this, right);
  }

  get isAwaited(): boolean {
    return this.#awaited > 0;
  }

  get isBusy(): boolean {
    return this.isAwaited || this.socket.writableLength > 0;
  }

  /**
   * Whether its client has hung up, or at least sends no more, which looks alike until something is
   * written: not worth a place in a queue, but worth an answer.
   */
  readonly isCancelled = (): boolean => this.socket.destroyed || this.socket.readableEnded;

  readonly onGone = (listener: () => void): (() => void) => {
    const { socket } = this;
    if (this.isCancelled()) queueMicrotask(listener);
    // A client that went away has sent its end, and an error comes only when something is written to it.
    socket.once("end", listener);
    socket.once("close", listener);
    return () => {
      socket.off("end", listener);
      socket.off("close", listener);
    };
  };

  /** An answer is being made that will come later. */
  await(): void {
    this.#awaited++;
  }

  /** That answer was handed over. */
  answered(): void {
    this.#awaited--;
  }

  /** Sends these last bytes. Who does not take them, or never hangs up after them, is cut off. */
  endWith(text: string): void {
    this.isClosing = true;
    this.isNew = false;
    const { socket } = this;
    const cutOff = (): void => void socket.destroy();
    socket.end(text);
    socket.once("end", cutOff);
    socket.setTimeout(LINGER_MS, cutOff);
  }
}
