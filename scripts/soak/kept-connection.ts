import { connect, type Socket } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** The same string as the last time if the bytes are the same, so that whoever compares them has no work. */
  readonly body: string;
}

const HEAD_END = Buffer.from("\r\n\r\n");
const LENGTH = Buffer.from("\r\nContent-Length: ");
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * A client on one kept connection that asks for one path again as soon as it is answered. It reads the bytes
 * itself: a client of node:http takes several times the CPU of the agent that answers it, and this one is here to ask
 * millions of times.
 */
export class KeptConnection {
  readonly #socket: Socket;
  readonly #request: Buffer;
  readonly #onAnswer: (answer: RawAnswer) => boolean;
  #read: Buffer = NOTHING;
  #lastBytes: Buffer = NOTHING;
  #lastBody = "";

  /** @param onAnswer - told of each; gives whether to ask again. */
  constructor(port: number, request: string, onAnswer: (answer: RawAnswer) => boolean) {
    this.#request = Buffer.from(request);
    this.#onAnswer = onAnswer;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#socket.write(this.#request);
  }

  /** Resolves once the connection is closed, by whomever. */
  ended(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.on("error", () => undefined);
      this.#socket.once("close", () => resolve());
    });
  }

  #take(chunk: Buffer): void {
    this.#read = this.#read.length === 0 ? chunk : Buffer.concat([this.#read, chunk]);
    const headEnd = this.#read.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const bodyStart = headEnd + HEAD_END.length;
    const bodyEnd = bodyStart + this.#lengthIn(headEnd);
    if (this.#read.length < bodyEnd) return;
    const status = Number(this.#read.toString("latin1", 9, 12));
    const body = this.#textOf(this.#read.subarray(bodyStart, bodyEnd));
    // One answer to one request: more would be somebody else's.
    const isWhole = this.#read.length === bodyEnd;
    this.#read = NOTHING;
    if (isWhole && this.#onAnswer({ status, body })) this.#socket.write(this.#request);
    else this.#socket.destroy();
  }

  #lengthIn(headEnd: number): number {
    const at = this.#read.indexOf(LENGTH);
    if (at === -1 || at > headEnd) return 0;
    return Number.parseInt(this.#read.toString("latin1", at + LENGTH.length, headEnd + 2), 10);
  }

  #textOf(bytes: Buffer): string {
    if (!bytes.equals(this.#lastBytes)) {
      this.#lastBytes = Buffer.from(bytes);
      this.#lastBody = bytes.toString();
    }
    return this.#lastBody;
  }
}
