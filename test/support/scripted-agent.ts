import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryDirectory } from "./temporary.ts";

/** What one request is answered with. */
export type Script = (request: IncomingMessage, response: ServerResponse) => void;

export interface Asked {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage["headers"];
}

/** In the place of an agent: answers each request with the next script, and with the last one from then on. */
export class ScriptedAgent {
  readonly asked: Asked[] = [];
  readonly url: string;
  readonly socket: string;

  private constructor(url: string, socket: string) {
    this.url = url;
    this.socket = socket;
  }

  static async start(t: TestContext, ...scripts: readonly Script[]): Promise<ScriptedAgent> {
    let count = 0;
    const listener: Script = (request, response) => {
      const { method, url: path, headers } = request;
      agent.asked.push({ method, path, headers });
      scripts[Math.min(count++, scripts.length - 1)]?.(request, response);
    };
    const tcp = createServer(listener);
    const unix = createServer(listener);
    const socket = join(await temporaryDirectory(t), "agent.sock");
    await Promise.all([
      new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve)),
      new Promise<void>((resolve) => unix.listen(socket, resolve)),
    ]);
    const { port } = tcp.address() as AddressInfo;
    const agent = new ScriptedAgent(`http://127.0.0.1:${port}`, socket);
    t.after(() => {
      for (const server of [tcp, unix]) {
        server.close();
        server.closeAllConnections();
      }
    });
    return agent;
  }
}

export function json(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Script {
  return (_, response) => response.writeHead(status, headers).end(JSON.stringify(value));
}

export const unavailable = (error: string): Script => json(503, { error });

/** Ends the connection without an answer. */
export const hangUp: Script = (request) => request.socket.destroy();

/** Takes the request and never answers. */
export const silence: Script = () => undefined;

/** Promises more than it sends before it hangs up. */
export const breakOff: Script = (request, response) => {
  response.writeHead(200, { "content-length": "100" });
  response.write("{", () => request.socket.destroy());
};
