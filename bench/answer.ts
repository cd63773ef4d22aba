/** Asking a server that may not be there yet. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "./children.ts";

const GIVE_UP_MS = 20_000;
const POLL_MS = 1;

export interface Answer {
  readonly head: string;
  readonly body: Buffer;
}

/** Asks every millisecond until the answer is 200 with a body. */
export async function firstAnswer(server: Server, path: string, token: string): Promise<Answer> {
  for (;;) {
    const answer = await ask(server.port, path, token);
    if (answer?.head.startsWith("HTTP/1.1 200 ") === true && answer.body.length > 0) return answer;
    if (server.ended) throw new Error("the server under test ended");
    if (performance.now() - server.spawnedAtMs > GIVE_UP_MS) throw new Error("no secrets in time");
    await sleep(POLL_MS);
  }
}

/** One request on a connection of its own; undefined if nobody listens. */
function ask(port: number, path: string, token: string): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", () => resolve(undefined));
    socket.on("end", () => {
      const bytes = Buffer.concat(chunks);
      const end = bytes.indexOf("\r\n\r\n");
      resolve({ head: bytes.toString("latin1", 0, end), body: bytes.subarray(end + 4) });
    });
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    );
  });
}
