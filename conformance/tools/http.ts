import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** A field of a body that is a JSON object. */
  json(field: string): unknown;
}

export interface RequestOptions {
  readonly method?: string;
  /** One that is undefined is not sent. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly host?: string;
  readonly body?: string;
}

/** One request on a connection of its own, written byte for byte. @throws Error without an answer. */
export async function request(
  port: number,
  path: string,
  options: RequestOptions = {},
): Promise<Answer> {
  return readAnswer(await exchange(port, requestText(port, path, options), options.host));
}

function requestText(port: number, path: string, options: RequestOptions): string {
  const { method = "GET", body, headers } = options;
  const all = {
    host: `127.0.0.1:${port}`,
    connection: "close",
    "content-length": body === undefined ? undefined : String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`],
  );
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body ?? ""}`;
}

/** Sends these bytes, and gives all that comes until the other side closes, or a minute is over. */
export async function exchange(
  port: number | string,
  bytes: string | Buffer,
  host = "127.0.0.1",
  milliseconds = 60_000,
): Promise<string> {
  const socket = await open(port, host);
  try {
    socket.write(bytes);
    return await received(socket, milliseconds);
  } finally {
    socket.destroy();
  }
}

/** @param port - or the path of a Unix socket. */
export function open(port: number | string, host = "127.0.0.1"): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const where = typeof port === "string" ? { path: port } : { port, host };
  const socket = connect({ ...where, allowHalfOpen: true }, () => resolve(socket));
  socket.on("error", reject);
  return promise;
}

/** All that comes on a connection until its end, an error (which ends it too), or that time. */
export function received(socket: Socket, milliseconds: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  const done = (): void => {
    clearTimeout(timer);
    resolve(Buffer.concat(chunks).toString("utf8"));
  };
  const timer = setTimeout(done, milliseconds);
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  for (const event of ["end", "error", "close"]) socket.on(event, done);
  return promise;
}

/** @throws Error for what is no answer. */
export function readAnswer(text: string): Answer {
  const end = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, end).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? Number.NaN);
  if (end === -1 || Number.isNaN(status)) {
    throw new Error(`no HTTP answer: ${JSON.stringify(text.slice(0, 200))}`);
  }
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const rest = text.slice(end + 4);
  const body = headers.get("transfer-encoding") === "chunked" ? unchunked(rest) : rest;
  return {
    status,
    headers,
    body,
    json: (field) => (JSON.parse(body) as Record<string, unknown>)[field],
  };
}

function unchunked(text: string): string {
  let body = "";
  let rest = Buffer.from(text);
  for (;;) {
    const end = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.subarray(0, end).toString(), 16);
    if (end === -1 || !(size > 0)) return body;
    body += rest.subarray(end + 2, end + 2 + size).toString();
    rest = rest.subarray(end + 4 + size);
  }
}
