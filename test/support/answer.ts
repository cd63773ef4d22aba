import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

export interface Received {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  /** As the client named it, without a port. */
  readonly host: string;
  readonly url: URL;
}

export type Listener = (received: Received) => void;

/** A request listener that is told of requests when their bodies are there. */
export function answerWith(listener: Listener): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const host = (request.headers.host ?? "").split(":")[0] ?? "";
      const url = new URL(request.url ?? "/", `https://${host}`);
      listener({ request, response, body: Buffer.concat(chunks), host, url });
    });
    // A client that gave up is no error of ours.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
  };
}

/** An answer in JSON. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function reply(response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
