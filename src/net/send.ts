import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { ProxyError, refused, unreachable } from "./proxy-error.ts";
import type { Way } from "./ways.ts";

export interface Outgoing {
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | string | undefined;
  readonly signal: AbortSignal;
  /** Told of the socket before anything is read from it. */
  readonly onSocket?: (socket: Socket) => void;
}

/**
 * Sends one request on its way, and gives the head of the answer.
 *
 * @throws ProxyError where the proxy is in the way, and else what the connection throws.
 */
export function send(
  way: Way,
  { method, headers, body, signal, onSocket }: Outgoing,
): Promise<IncomingMessage> {
  const { client, options, connections, proxy } = way;
  return new Promise((resolve, reject) => {
    let connected = false;
    const sent = client.request({
      ...options,
      method,
      headers: { ...headers, ...way.headers },
      signal,
    });
    sent.on("response", (response) => {
      if (proxy?.speaks === true && response.statusCode === 407) {
        response.destroy();
        reject(refused(proxy.proxy, 407));
      } else {
        resolve(response);
      }
    });
    sent.on("error", (error) => {
      // The next try is to find out whether the service is there, and not whether other connections are.
      if (sent.reusedSocket) connections.idle.close();
      const atProxy = proxy?.speaks === true && !connected && !signal.aborted;
      const isNamed = error instanceof ProxyError || !atProxy;
      reject(isNamed ? error : unreachable(proxy.proxy, error, way.onlyNamedCas));
    });
    sent.on("socket", (socket) => {
      connected = sent.reusedSocket;
      const isSecured = proxy?.proxy.url.protocol === "https:";
      if (!connected)
        socket.once(isSecured ? "secureConnect" : "connect", () => (connected = true));
      onSocket?.(socket);
    });
    sent.end(body);
  });
}
