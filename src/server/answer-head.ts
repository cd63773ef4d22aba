import http from "node:http";
import { KEEP_ALIVE_MS } from "../limits.ts";
import type { Response } from "./response.ts";

interface Made {
  /** Of Unix time: the date in it has no more than that. */
  readonly second: number;
  readonly bytes: Buffer;
}

/** The last head with each list of headers; an answer that is prepared once has the same list every time. */
const MADE = new WeakMap<readonly string[], Made>();

/** The head of an answer on a connection that is kept, with the lines that node:http would write. */
export function headOf({ status, headers }: Response): Buffer {
  const second = Math.floor(Date.now() / 1000);
  const last = MADE.get(headers);
  if (last?.second === second) return last.bytes;
  const bytes = Buffer.from(headText(status, headers, second), "latin1");
  MADE.set(headers, { second, bytes });
  return bytes;
}

/** @throws TypeError for a header that would break the head. */
function headText(status: number, headers: readonly string[], second: number): string {
  let text = `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ""}\r\n`;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const [name = "", value = ""] = headers.slice(index, index + 2);
    http.validateHeaderName(name);
    http.validateHeaderValue(name, value);
    text += `${name}: ${value}\r\n`;
  }
  return `${text}Date: ${new Date(second * 1000).toUTCString()}\r\n${KEPT}\r\n`;
}

const KEPT = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(KEEP_ALIVE_MS / 1000)}\r\n`;
