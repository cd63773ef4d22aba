import type { ServerResponse } from "node:http";
import { headOf } from "./answer-head.ts";
import type { Connection } from "./connection.ts";
import type { Response } from "./response.ts";

/** Hands answers over, and lets go of what they were made from once the kernel has taken every byte. */
export class Sender {
  #writesItself = true;
  /**
   * The last answer, with its request, to a client that has shown the token. While there is one, V8 keeps what
   * it knows of the shape of both, and with it the compiled code of everything that handles them: a collection at
   * a moment without any would throw all of that away, and the next thousands of requests would take twice as long.
   */
  readonly #kept: [ServerResponse] | [] = [];

  send(res: ServerResponse, response: Response, connection: Connection): void {
    // Whoever has not shown the token takes a place for one answer and no longer.
    if (!connection.trusted) {
      res.shouldKeepAlive = false;
      connection.isClosing = true;
    } else {
      this.#kept[0] = res;
    }
    const { status, headers, body, lease } = response;
    if (this.#writesItself && body !== undefined && isPlain(res)) {
      this.#write(res, headOf(response), body);
    } else {
      res.writeHead(status, headers);
      res.end(body);
    }
    if (lease === undefined) return;
    // A pipelined response has no socket of its own yet, and never closes if its turn never comes.
    const { socket } = connection;
    const reader = { cutOff: () => socket.destroy() };
    if (socket.destroyed || wasSent(res)) {
      lease.release(reader);
      return;
    }
    const release = (): void => {
      socket.off("close", release);
      lease.release(reader);
    };
    lease.hold(reader);
    socket.once("close", release);
    res.once("close", release);
  }

  /**
   * Writes to the socket what node:http would write, for a quarter of the CPU of a request: it checks and joins the
   * same headers for every answer anew. That the answer has gone is told by the event by which node:http tells itself,
   * so that it goes on to the next request. A Node.js that does not listen to it any more is left to
   * write by itself from then on, on new connections.
   */
  #write(res: ServerResponse, head: Buffer, body: Buffer): void {
    const { socket } = res;
    socket?.cork();
    socket?.write(head);
    socket?.write(body, (error) => {
      // The end of the socket is the end of the answer then.
      if (error) return;
      res.emit("finish");
      if (res.socket === null) return;
      this.#writesItself = false;
      socket.destroySoon();
    });
    socket?.uncork();
  }
}

/** Whether it is the turn of this answer, which has a body, and the connection is kept after it. */
function isPlain(res: ServerResponse): boolean {
  return res.socket !== null && res.shouldKeepAlive && res.req.method === "GET";
}

/** Whether the kernel has taken every byte, as it does at once for all but large answers. */
function wasSent(res: ServerResponse): boolean {
  return res.socket === null ? res.writableFinished : res.socket.writableLength === 0;
}
