import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type Socket } from "node:net";
import type { TestContext } from "node:test";
import type { Certificate } from "./certificate.ts";
import { opened, portOf } from "./names-here.ts";

export interface ProxyOptions {
  /** `user:password` that it asks for. */
  readonly credentials?: string;
  /** Speaks TLS with it. */
  readonly certificate?: Certificate;
  /** Where names lead that do not lead anywhere on this machine: `host:port` to a port. */
  readonly names?: Readonly<Record<string, number>>;
  /** The port of another proxy, which makes the tunnels. */
  readonly next?: number;
  /** What it does instead of its work. */
  readonly behaviour?: "refuses" | "hangs";
}

/** A forward proxy on a port of its own, which notes what it is asked for. */
export class ForwardProxy {
  /** Each request as `CONNECT host:port` or `GET http://…`. */
  readonly asked: string[] = [];
  readonly url: string;
  readonly port: number;

  private constructor(scheme: string, port: number) {
    this.port = port;
    this.url = `${scheme}://127.0.0.1:${port}`;
  }

  static async start(
    context: Pick<TestContext, "after">,
    options: ProxyOptions = {},
  ): Promise<ForwardProxy> {
    const { certificate } = options;
    const server = certificate === undefined ? createServer() : createTlsServer({ ...certificate });
    await opened(context, server);
    const proxy = new ForwardProxy(certificate === undefined ? "http" : "https", portOf(server));
    server.on("connect", (asking: IncomingMessage, client: Socket) =>
      proxy.#tunnel(asking, client, options),
    );
    server.on("request", (asking: IncomingMessage, response: ServerResponse) =>
      proxy.#forward(asking, response, options),
    );
    return proxy;
  }

  #tunnel(asking: IncomingMessage, client: Socket, options: ProxyOptions): void {
    const target = asking.url ?? "";
    this.asked.push(`CONNECT ${target}`);
    client.on("error", () => undefined);
    if (options.behaviour === "hangs") return;
    const status = refusal(asking, options);
    if (status !== undefined) {
      client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 2\r\n\r\nno`);
      return;
    }
    const [, host, port] = /^(.*):(\d+)$/.exec(target) ?? [];
    const here = options.names?.[target];
    const { next } = options;
    const isHere = here !== undefined || next !== undefined;
    const upstream = connect(next ?? here ?? Number(port), isHere ? "127.0.0.1" : host, () => {
      if (next === undefined) client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      else upstream.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.end("HTTP/1.1 502 Bad gateway\r\n\r\n"));
    client.on("close", () => upstream.destroy());
  }

  #forward(asking: IncomingMessage, response: ServerResponse, options: ProxyOptions): void {
    const { method, url = "", headers } = asking;
    this.asked.push(`${method} ${url}`);
    if (options.behaviour === "hangs") return;
    const status = refusal(asking, options);
    if (status !== undefined) {
      response.writeHead(status).end("no");
      return;
    }
    const target = URL.parse(url);
    const authority = `${target?.hostname}:${target?.port === "" ? "80" : target?.port}`;
    const here = options.names?.[authority];
    const { "proxy-authorization": _, ...passed } = headers;
    const upstream = request({
      host: here === undefined ? target?.hostname : "127.0.0.1",
      port: here ?? target?.port,
      path: `${target?.pathname}${target?.search}`,
      method,
      headers: passed,
    });
    upstream.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    upstream.on("error", () => response.writeHead(502).end("unreachable"));
    asking.pipe(upstream);
  }
}

function refusal(
  { headers }: IncomingMessage,
  { behaviour, credentials }: ProxyOptions,
): number | undefined {
  if (behaviour === "refuses") return 403;
  if (credentials === undefined) return undefined;
  const expected = `Basic ${Buffer.from(credentials).toString("base64")}`;
  return headers["proxy-authorization"] === expected ? undefined : 407;
}
