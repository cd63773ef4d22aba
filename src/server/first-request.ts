import type { Socket } from "node:net";
import { HEADERS_TIMEOUT_MS, MAX_HEADER_BYTES, MAX_HEADER_LINES } from "../limits.ts";

/** Tells how the wait for a client's first request ended, if it did not hang up before. */
export interface FirstRequestEvents {
  /** It is there, and is what the socket reads next, alone. */
  onHead(): void;
  /** Its head has more lines than any client sends; it was not parsed. */
  onTooManyLines(): void;
  onTimeout(): void;
}

/**
 * Holds a new connection until the head of its first request is there, and holds back what came
 * after it. node:http parses as many requests as fit into one read, thousands, before it does
 * anything else; nobody gets that without the token. Nor does a connection on which nothing comes
 * cost a parser.
 *
 * @returns a function that gives the rest soon, for a client that has shown the token.
 */
export function awaitFirstRequest(socket: Socket, events: FirstRequestEvents): () => void {
  let seen: Buffer = EMPTY;
  let rest: Buffer = EMPTY;
  const hangUp = (): void => void socket.destroy();
  const timer = setTimeout(() => {
    stop();
    events.onTimeout();
  }, HEADERS_TIMEOUT_MS).unref();
  const stop = (): void => {
    clearTimeout(timer);
    socket.off("data", onData);
    socket.off("end", hangUp);
    socket.off("close", stop);
  };
  const onData = (chunk: Buffer): void => {
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const end = headEnd(seen);
    if (end === undefined) return;
    stop();
    if (hasTooManyLines(seen.subarray(0, end))) {
      events.onTooManyLines();
      return;
    }
    socket.pause();
    rest = seen.subarray(end);
    socket.unshift(seen.subarray(0, end));
    events.onHead();
    socket.resume();
  };
  // It is closed then, which is all there is to do.
  socket.on("error", () => undefined);
  socket.on("data", onData);
  socket.once("end", hangUp);
  socket.once("close", stop);
  return () => {
    // Who calls this was called by the parser of node:http, which must not be given bytes while it parses others:
    // it would read outside of both, and end the process.
    process.nextTick(() => {
      if (rest.length > 0) socket.unshift(rest);
      rest = EMPTY;
    });
  };
}

/**
 * Where the first head of a request in `bytes` ends (RFC 9112, section 2.1); undefined where more must
 * come. What has no end so far that node:http refuses it is given to it whole.
 */
export function headEnd(bytes: Buffer): number | undefined {
  let start = 0;
  while (bytes[start] === CR || bytes[start] === LF) start++;
  const end = bytes.indexOf("\r\n\r\n", start, "latin1");
  if (end !== -1) return end + 4;
  return bytes.length > 2 * MAX_HEADER_BYTES ? bytes.length : undefined;
}

function hasTooManyLines(head: Buffer): boolean {
  let lines = 0;
  for (let at = head.indexOf(LF); at !== -1; at = head.indexOf(LF, at + 1)) {
    if (++lines > MAX_HEADER_LINES) return true;
  }
  return false;
}

const EMPTY: Buffer = Buffer.alloc(0);
const CR = "\r".charCodeAt(0);
const LF = "\n".charCodeAt(0);
