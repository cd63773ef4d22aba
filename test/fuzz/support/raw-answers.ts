import { syncBuiltinESMExports } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import timers from "node:timers/promises";

/** What asked services answer, on a real socket. */
export interface Answers {
  readonly port: number;
  /** Answers the next requests so: what is between two `<next>`, in turn; where that is empty, or no more, well. */
  readonly begin: (script: Buffer) => void;
  readonly close: () => void;
}

/** @param good - the body of a good answer; the request is given with its head and what came with it. */
export async function answers(good: (request: string) => string): Promise<Answers> {
  let script: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (request: Buffer) => {
      const next = script.shift() ?? "";
      socket.end(asAnswer(next === "" ? good(request.toString("latin1")) : next));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    begin: (bytes) => (script = bytes.toString("latin1").split("<next>")),
    close: () => void server.close(),
  };
}

/** As it is where it is a whole answer; otherwise as the body of a good one. */
function asAnswer(text: string): Buffer {
  if (text.startsWith("HTTP/1.")) return Buffer.from(text, "latin1");
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n`;
  return Buffer.from(head + text, "latin1");
}

const spaced = (words: string): readonly string[] => words.split(" ");

/** Words of HTTP answers, for every target that gives them. */
export const ANSWER_WORDS: readonly string[] = [
  ...spaced(
    "200 204 206 301 302 304 307 400 401 403 404 407 410 412 416 421 429 500 502 503 504",
  ).map((status) => `HTTP/1.1 ${status} x\r\n`),
  ...spaced(
    "content-length content-type content-encoding transfer-encoding retry-after date location etag x-ratelimit-remaining x-ratelimit-reset ratelimit-reset www-authenticate metadata-flavor",
  ).map((name) => `${name}: `),
  ...spaced("gzip br deflate chunked application/json text/html text/xml https:// http://"),
  ...spaced('null true false {} [] { } [ ] : , " \\u0000 1e999 -1'),
  "Wed, 21 Oct 2099 07:28:00 GMT",
  "<next>",
  "\r\n",
  "\r\n\r\n",
];

/**
 * From now on who pauses in this process for up to `mostMs` before another attempt pauses for a moment: that is not what
 * is tried.
 *
 * @returns what ends that, for whatever the process does then.
 */
export function hurry(mostMs: number): () => void {
  const { setTimeout: later } = globalThis;
  const moment = (ms = 0): number => (ms <= mostMs ? Math.min(ms, 1) : ms);
  const soon = (run: () => void, ms?: number): NodeJS.Timeout => later(run, moment(ms));
  Object.assign(globalThis, { setTimeout: Object.assign(soon, later) });
  const { setTimeout: pause } = timers;
  timers.setTimeout = ((ms?: number, ...rest: [undefined?]) =>
    pause(moment(ms), ...rest)) as typeof pause;
  syncBuiltinESMExports();
  return () => {
    Object.assign(globalThis, { setTimeout: later });
    timers.setTimeout = pause;
    syncBuiltinESMExports();
  };
}
