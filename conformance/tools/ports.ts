import { once } from "node:events";
import { createServer } from "node:net";

/** Below the range from which systems take the ports of outgoing connections. */
const FIRST = 20_000;
const NUMBER = 12_000;

let next = FIRST + Math.floor(Math.random() * NUMBER);

/** A port of 127.0.0.1 on which nobody listens, and that no other case is given. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < NUMBER; tried++) {
    next = next + 1 >= FIRST + NUMBER ? FIRST : next + 1;
    const port = next;
    if (await isFree(port)) return port;
  }
  throw new Error("no port is free");
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
