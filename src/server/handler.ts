import type { Feed, Opened } from "../feed/feed.ts";
import type { FilesStatus } from "../feed/files-status.ts";
import type { Unavailable } from "../feed/unavailable.ts";
import { Snapshot } from "../store/snapshot.ts";
import { currentTag } from "./current-tag.ts";
import { type EntityTags, matches } from "./entity-tags.ts";
import { type Access, refuseMethod, refuseRequest, refuseToken } from "./guards.ts";
import { waitPreference } from "./prefer.ts";
import { healthResponse, readyResponse } from "./probes.ts";
import type { Request } from "./request.ts";
import {
  errorResponse,
  jsonResponse,
  notModified,
  type Response,
  textResponse,
  withHeaders,
} from "./response.ts";
import type { Refusals } from "./refusals.ts";
import { parseRoute, ROUTE_TEMPLATES, type SecretsRoute } from "./route.ts";
import { answer } from "./secrets-answer.ts";
import type { WaitEnd, WaitingRequests } from "./waiting-requests.ts";

export interface HandlerOptions {
  readonly feed: Feed;
  /** Undefined, or giving that, where secrets are not written as files. */
  readonly filesStatus?: () => FilesStatus | undefined;
  readonly access: Access;
  readonly refusals: Refusals;
  readonly tags: EntityTags;
  readonly waiting: WaitingRequests;
}

export type Handler = (request: Request) => Response | Promise<Response>;

/** The HTTP API (contract, section 3) as a function of a request. */
export function createHandler(options: HandlerOptions): Handler {
  const { feed, filesStatus, access, refusals, tags, waiting } = options;

  const handle: Handler = (request) => {
    const refusal = refuseRequest(request, access);
    if (refusal !== undefined) return refusal;
    const route = parseRoute(request.target);
    const wrongMethod = refuseMethod(request, typeof route === "string" ? undefined : route.kind);
    if (wrongMethod !== undefined) return wrongMethod;
    if (typeof route === "string") return ROUTE_ERRORS[route];
    if (route.kind === "health") return healthResponse(feed.status(), feed.mode, filesStatus?.());
    if (route.kind === "ready") return readyResponse(feed.status(), filesStatus?.());
    if (route.kind === "metrics") return ROUTE_ERRORS.not_found;
    const unauthorized = refuseToken(request, access);
    if (unauthorized !== undefined) {
      refusals.unauthorized(ROUTE_TEMPLATES[route.kind]);
      return unauthorized;
    }
    if (route.kind === "refresh") return refresh(feed);
    return waitFor(request, route) ?? read(request, route);
  };

  const read = (request: Request, route: SecretsRoute): Response | Promise<Response> => {
    const opened = feed.open(request.isCancelled);
    if (!(opened instanceof Promise)) return respond(opened, route, request);
    return opened.then((late) => {
      // Another artifact has taken its place in the few steps since it was decrypted.
      if (late instanceof Snapshot && late.isWiped) return handle(request);
      return respond(late, route, request);
    });
  };

  const respond = (opened: Opened, route: SecretsRoute, request: Request): Response => {
    if (typeof opened !== "string") return answer(opened, route, request, tags);
    // Nobody was turned away, so there is nothing to tell.
    if (request.isCancelled()) return UNAVAILABLE[opened];
    return refusals.unavailable(ROUTE_TEMPLATES[route.kind], opened, UNAVAILABLE[opened]);
  };

  /** @returns undefined where the answer comes at once. */
  const waitFor = (
    request: Request,
    route: SecretsRoute,
  ): Promise<Response> | Response | undefined => {
    const { ifNoneMatch, onGone } = request;
    if (request.prefer.length === 0 || ifNoneMatch === undefined) return undefined;
    const seconds = waitPreference(request.prefer);
    const matching = (): string | undefined => {
      const tag = currentTag(feed, tags, route);
      return tag !== undefined && matches(ifNoneMatch, tag) ? tag : undefined;
    };
    if (seconds === undefined || matching() === undefined) return undefined;
    const stillMatches = (): boolean => matching() !== undefined;
    const held = waiting.hold({ ms: seconds * 1000, stillMatches, onGone });
    if (held === "full") return TOO_MANY_WAIT;

    const answerTo = async (why: WaitEnd): Promise<Response> => {
      if (why === "stopped") return STOPPING;
      // It may have been rotated away meanwhile. Whoever only closed its half still reads the answer.
      const unauthorized = refuseToken(request, access);
      if (unauthorized !== undefined) return unauthorized;
      const applied = ["Preference-Applied", `wait=${seconds}`];
      // At once: what there may be again in a while is for the next request to ask for.
      if (isUnavailable(why)) return withHeaders(respond(why, route, request), ...applied);
      const tag = matching();
      const late = tag === undefined ? await read(request, route) : notModified(tag);
      return withHeaders(late, ...applied);
    };
    return held.then(async ({ why, ms }) => ({ ...(await answerTo(why)), heldMs: ms }));
  };

  return handle;
}

export interface ProbeHandlerOptions extends Pick<HandlerOptions, "feed" | "filesStatus"> {
  /** The metrics of this moment in Prometheus' text format; undefined where nobody may scrape them. */
  readonly scrape?: (() => string) | undefined;
}

/**
 * Health, readiness and metrics only, for the opt-in probe listener; no Host check, as kubelets send the
 * pod's IP.
 */
export function createProbeHandler({ feed, filesStatus, scrape }: ProbeHandlerOptions): Handler {
  return (request) => {
    const refusal = refuseMethod(request, undefined);
    if (refusal !== undefined) return refusal;
    const route = parseRoute(request.target);
    switch (typeof route === "string" ? route : route.kind) {
      case "health":
        return healthResponse(feed.status(), feed.mode, filesStatus?.());
      case "ready":
        return readyResponse(feed.status(), filesStatus?.());
      case "metrics":
        if (scrape !== undefined) return textResponse(scrape(), PROMETHEUS_TYPE);
        return ROUTE_ERRORS.not_found;
      default:
        return ROUTE_ERRORS.not_found;
    }
  };
}

const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

async function refresh(feed: Feed): Promise<Response> {
  const result = await feed.refresh();
  if (result.kind === "too_soon") {
    const seconds = String(Math.ceil(result.retryAfterMs / 1000));
    return errorResponse(429, "The source was asked a moment ago", "Retry-After", seconds);
  }
  const { outcome, reason } = result;
  return jsonResponse(200, { outcome, revision: feed.status().revision, reason });
}

const ROUTE_ERRORS = {
  not_found: errorResponse(404, "Not found"),
  undecodable_path: errorResponse(400, "Bad request: the path cannot be decoded"),
  unknown_format: errorResponse(400, "Bad request: unknown format; use ?format=flat or none"),
} as const;

const TOO_MANY_WAIT = errorResponse(429, "Too many requests wait at once", "Retry-After", "1");
const STOPPING = errorResponse(503, "The agent is stopping");

const UNAVAILABLE: Readonly<Record<Unavailable, Response>> = {
  not_loaded: errorResponse(503, "Secrets not yet loaded"),
  cache_expired: errorResponse(503, "Secrets expired"),
  artifact_expired: errorResponse(503, "Secrets expired"),
  revoked: errorResponse(503, "Artifact revoked"),
  refresh_failed: errorResponse(503, "Refresh failed"),
  decryption_failed: errorResponse(503, "Decryption failed"),
  busy: errorResponse(503, "Too many requests at once", "Retry-After", "1"),
};

function isUnavailable(why: WaitEnd): why is WaitEnd & Unavailable {
  return why in UNAVAILABLE;
}
