import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { exchange } from "../../src/net/exchange.ts";
import type { Network } from "../../src/net/network.ts";
import type { Exchange } from "../../src/net/outcome.ts";
import { opened, portOf } from "./names-here.ts";
import { temporaryDirectory } from "./temporary.ts";

export const NEVER: AbortSignal = new AbortController().signal;
/** A name that no machine has, and that only a proxy of the test's knows. */
export const NAME = "artifacts.example";

/** What came of a GET over a network of the test's. */
export function ask(network: Network, url: string, deadlineMs = 5_000): Promise<Exchange> {
  const request = { method: "GET", headers: {}, signal: NEVER, redirects: "follow" } as const;
  return exchange({ ...request, network, url: new URL(url), deadlineMs });
}

/** The status and the body of the answer, or why there is none. */
export async function answered(network: Network, url: string): Promise<string> {
  const came = await ask(network, url);
  return came.kind === "answer" ? `${came.status} ${came.bytes.toString()}` : came.problem;
}

/** Why there is no answer, as the kind of it and in words; there must be none. */
export async function problem(
  network: Network,
  url: string,
  deadlineMs?: number,
): Promise<readonly [string, string]> {
  const came = await ask(network, url, deadlineMs);
  assert.ok(came.kind === "failed", "there is an answer");
  return [came.failure, came.problem];
}

export const hello: RequestListener = (_, response) => response.end("hello");

/** A server on a port of its own, which it gives. */
export async function plainServer(
  t: TestContext,
  listener: RequestListener = hello,
): Promise<number> {
  return portOf(await opened(t, createServer(listener)));
}

/** The same over TLS. */
export async function tlsServer(
  t: TestContext,
  options: ServerOptions,
  listener: RequestListener = hello,
): Promise<number> {
  return portOf(await opened(t, createTlsServer(options, listener)));
}

/** A file of the test's own; gives its path. */
export async function written(t: TestContext, name: string, text: string): Promise<string> {
  const path = join(await temporaryDirectory(t), name);
  await writeFile(path, text);
  return path;
}
