import type { SecretLease } from "../store/snapshot.ts";

export interface Response {
  readonly status: number;
  /** Names and values in turn, as node:http's writeHead takes them. */
  readonly headers: string[];
  readonly body: Buffer | undefined;
  /** Set where it was made from secrets: told when it is sent. */
  readonly lease: SecretLease | undefined;
  /** Milliseconds that it was held back because its client wished so. */
  readonly heldMs?: number;
}

const COMMON: readonly string[] = [
  "Cache-Control",
  "no-store",
  "X-Content-Type-Options",
  "nosniff",
];

export function bytesResponse(
  body: Buffer,
  lease: SecretLease,
  headers: string[] = jsonHeaders(body),
): Response {
  return { status: 200, headers, body, lease };
}

export function jsonResponse(status: number, value: unknown, ...headers: string[]): Response {
  const body = Buffer.from(JSON.stringify(value));
  return { status, headers: jsonHeaders(body, ...headers), body, lease: undefined };
}

export function textResponse(text: string, type: string): Response {
  const body = Buffer.from(text);
  return { status: 200, headers: headersOf(type, body, []), body, lease: undefined };
}

export function errorResponse(status: number, error: string, ...headers: string[]): Response {
  return jsonResponse(status, { error }, ...headers);
}

/** @param lease - undefined where nothing was opened to know it. */
export function notModified(etag: string, lease?: SecretLease): Response {
  return { status: 304, headers: [...COMMON, "ETag", etag], body: undefined, lease };
}

export function withHeaders(response: Response, ...headers: string[]): Response {
  return { ...response, headers: [...response.headers, ...headers] };
}

const JSON_TYPE = "application/json; charset=utf-8";

export function jsonHeaders(body: Buffer, ...headers: readonly string[]): string[] {
  return headersOf(JSON_TYPE, body, headers);
}

function headersOf(type: string, body: Buffer, headers: readonly string[]): string[] {
  return ["Content-Type", type, "Content-Length", String(body.length), ...COMMON, ...headers];
}
