import { allowedHosts } from "../../src/server/guards.ts";
import { EntityTags } from "../../src/server/entity-tags.ts";
import { createHandler, type Handler, type HandlerOptions } from "../../src/server/handler.ts";
import { WaitingRequests } from "../../src/server/waiting-requests.ts";
import { newChanges } from "./changes.ts";
import { FakeClock } from "./fake-clock.ts";
import { readRequest } from "../../src/server/request.ts";
import { refusalsTo } from "../../src/server/refusals.ts";
import type { Response } from "../../src/server/response.ts";
import type { Feed, Opened } from "../../src/feed/feed.ts";
import { TokenGuard } from "../../src/server/token.ts";
import type { Status } from "../../src/refresh/status.ts";
import type { Log } from "../../src/telemetry/log.ts";
import { Snapshot } from "../../src/store/snapshot.ts";
import { recordingLog } from "./recording-log.ts";

export const TOKEN = "test-token-0123456789abcdef";
const PORT = 7779;

const FRESH: Status = {
  freshness: "fresh",
  revision: "1-00000000",
  lastRefreshAt: 1_700_000_000_000,
  ageSeconds: 3,
  dataFrom: "origin",
  consecutiveFailures: 0,
  lastFailure: null,
};

/** A feed that always gives the same, and in which nothing changes. */
export function feedOf(opened: Opened | Promise<Opened>, status: Partial<Status> = {}): Feed {
  return {
    mode: "cached",
    status: () => ({ ...FRESH, ...status }),
    payloadTag: () => (opened instanceof Snapshot ? opened.tag : undefined),
    untilExpiryMs: () => Number.POSITIVE_INFINITY,
    open: () => opened,
    async use(look) {
      const secrets = await opened;
      return typeof secrets === "string"
        ? { kind: "unavailable", reason: secrets }
        : { kind: "used", value: look(secrets) };
    },
    refresh: () => Promise.resolve({ kind: "looked", outcome: "unchanged", reason: null }),
    subscribe: () => () => undefined,
  };
}

export function handlerFor(feed: Feed, log: Log = recordingLog().log): Handler {
  return createHandler({
    ...idle(),
    feed,
    access: { kind: "token", token: new TokenGuard(TOKEN), hosts: allowedHosts(PORT) },
    refusals: refusalsTo(log),
  });
}

/** What a handler needs for requests that wait, on a clock that does not move. */
export function idle(): Pick<HandlerOptions, "tags" | "waiting"> {
  const waiting = new WaitingRequests({
    feed: newChanges(),
    clock: new FakeClock(),
    signal: new AbortController().signal,
  });
  return { tags: new EntityTags("cached"), waiting };
}

export interface Ask {
  readonly method?: string;
  /** Added to a right Host and Authorization; undefined leaves one of those out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly isCancelled?: () => boolean;
}

export interface Told {
  readonly response: Response;
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
  readonly headers: ReadonlyMap<string, string>;
}

/** Asks a handler as a client would, without a socket. */
export async function ask(handler: Handler, target: string, options: Ask = {}): Promise<Told> {
  const headers: Readonly<Record<string, string | undefined>> = {
    host: `127.0.0.1:${PORT}`,
    authorization: `Bearer ${TOKEN}`,
    ...options.headers,
  };
  const raw = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [name, value],
  );
  const response = await handler(
    readRequest(options.method ?? "GET", target, raw, {
      isCancelled: options.isCancelled ?? (() => false),
      onGone: () => () => undefined,
      showedToken: () => undefined,
    }),
  );
  const text = response.body?.toString("utf8") ?? "";
  return {
    response,
    status: response.status,
    text,
    json: text === "" ? undefined : JSON.parse(text),
    headers: headerMap(response.headers),
  };
}

function headerMap(raw: readonly string[]): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    pairs.set((raw[index] ?? "").toLowerCase(), raw[index + 1] ?? "");
  }
  return pairs;
}
