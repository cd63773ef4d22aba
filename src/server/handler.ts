import type { Feed, Opened } from "../feed/feed.ts";
import type { FilesStatus } from "../feed/files-status.ts";
import type { Unavailable } from "../feed/unavailable.ts";
import type { Entry } from "../store/payload-index.ts";
import { Snapshot } from "../store/snapshot.ts";
import { refuseMethod, refuseRequest, refuseToken } from "./guards.ts";
import { healthResponse, readyResponse } from "./probes.ts";
import type { Request } from "./request.ts";
import {
  bytesResponse,
  errorResponse,
  jsonResponse,
  notModified,
  type Response,
} from "./response.ts";
import type { Refusals } from "./refusals.ts";
import { parseRoute, type Route, ROUTE_TEMPLATES } from "./route.ts";
import type { TokenGuard } from "./token.ts";

export interface HandlerOptions {
  readonly feed: Feed;
  /** Undefined, or giving that, where secrets are not written as files. */
  readonly filesStatus?: () => FilesStatus | undefined;
  readonly token: TokenGuard;
  readonly allowedHosts: ReadonlySet<string>;
  readonly refusals: Refusals;
}

export type Handler = (request: Request) => Response | Promise<Response>;

/** The HTTP API (contract, section 3) as a function of a request. */
export function createHandler(options: HandlerOptions): Handler {
  const { feed, filesStatus, token, allowedHosts, refusals } = options;
  const respond = (opened: Opened, route: SecretsRoute, request: Request): Response => {
    if (typeof opened !== "string") return answer(opened, route, request);
    // Nobody was turned away, so there is nothing to tell.
    if (request.isCancelled()) return UNAVAILABLE[opened];
    return refusals.unavailable(ROUTE_TEMPLATES[route.kind], opened, UNAVAILABLE[opened]);
  };
  const handle: Handler = (request) => {
    const refusal = refuseRequest(request, allowedHosts);
    if (refusal !== undefined) return refusal;
    const route = parseRoute(request.target);
    if (typeof route === "string") return ROUTE_ERRORS[route];
    if (route.kind === "health") return healthResponse(feed.status(), feed.mode, filesStatus?.());
    if (route.kind === "ready") return readyResponse(feed.status(), filesStatus?.());
    const unauthorized = refuseToken(request, token);
    if (unauthorized !== undefined) {
      refusals.unauthorized(ROUTE_TEMPLATES[route.kind]);
      return unauthorized;
    }
    const opened = feed.open(request.isCancelled);
    if (!(opened instanceof Promise)) return respond(opened, route, request);
    return opened.then((late) => {
      // Another artifact has taken its place in the few steps since it was decrypted.
      if (late instanceof Snapshot && late.isWiped) return handle(request);
      return respond(late, route, request);
    });
  };
  return handle;
}

/** Health and readiness only, for the opt-in probe listener; no Host check, as kubelets send the pod's IP. */
export function createProbeHandler(
  feed: Feed,
  filesStatus?: () => FilesStatus | undefined,
): Handler {
  return (request) => {
    const refusal = refuseMethod(request);
    if (refusal !== undefined) return refusal;
    const route = parseRoute(request.target);
    const kind = typeof route === "string" ? route : route.kind;
    if (kind === "health") return healthResponse(feed.status(), feed.mode, filesStatus?.());
    return kind === "ready"
      ? readyResponse(feed.status(), filesStatus?.())
      : ROUTE_ERRORS.not_found;
  };
}

type SecretsRoute = Exclude<Route, { kind: "health" | "ready" }>;

function answer(secrets: Snapshot, route: SecretsRoute, request: Request): Response {
  switch (route.kind) {
    case "secrets":
      return answerAll(secrets, route.flat, request.ifNoneMatch);
    case "keys":
      return bytesResponse(secrets.keysJson, secrets);
    case "secret":
      return answerOne(secrets, secrets.index.find(route.name), route.name);
    case "namespaced": {
      const entry = secrets.index.findIn(route.namespace, route.key);
      const found = entry === undefined ? [] : [entry];
      return answerOne(secrets, found, `${route.namespace}/${route.key}`);
    }
  }
}

/** The prepared answers of each snapshot; they go when it goes. */
const PREPARED = new WeakMap<Snapshot, { nested: Response; flat?: Response }>();

function answerAll(snapshot: Snapshot, flat: boolean, ifNoneMatch: string | undefined): Response {
  const etag = flat ? `"${snapshot.tag}-flat"` : `"${snapshot.tag}"`;
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) return notModified(etag, snapshot);
  let prepared = PREPARED.get(snapshot);
  if (prepared === undefined) {
    prepared = { nested: bytesResponse(snapshot.nested, snapshot, "ETag", `"${snapshot.tag}"`) };
    PREPARED.set(snapshot, prepared);
  }
  if (!flat) return prepared.nested;
  prepared.flat ??= bytesResponse(snapshot.flat, snapshot, "ETag", etag);
  return prepared.flat;
}

/** Weak comparison of a list of entity tags (RFC 9110, section 13.1.2). */
function matches(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch
    .split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""))
    .some((tag) => tag === etag || tag === "*");
}

function answerOne(snapshot: Snapshot, found: readonly Entry[], name: string): Response {
  const [entry, other] = found;
  if (entry === undefined) {
    return { ...errorResponse(404, `Secret '${name}' not found`), lease: snapshot };
  }
  if (other !== undefined) {
    const candidates = found.map((candidate) => candidate.name);
    const error = `Secret '${name}' is in several namespaces; use one of ${candidates.join(", ")}`;
    return { ...jsonResponse(409, { error, candidates }), lease: snapshot };
  }
  const json = snapshot.valueJson(entry);
  return bytesResponse(json, {
    get isWiped() {
      return snapshot.isWiped;
    },
    // Its time is over when that of the snapshot is.
    hold: (reader) => snapshot.hold(reader),
    release: (reader) => {
      json.fill(0);
      snapshot.release(reader);
    },
  });
}

const ROUTE_ERRORS = {
  not_found: errorResponse(404, "Not found"),
  undecodable_path: errorResponse(400, "Bad request: the path cannot be decoded"),
  unknown_format: errorResponse(400, "Bad request: unknown format; use ?format=flat or none"),
} as const;

const UNAVAILABLE: Readonly<Record<Unavailable, Response>> = {
  not_loaded: errorResponse(503, "Secrets not yet loaded"),
  cache_expired: errorResponse(503, "Secrets expired"),
  artifact_expired: errorResponse(503, "Secrets expired"),
  revoked: errorResponse(503, "Artifact revoked"),
  refresh_failed: errorResponse(503, "Refresh failed"),
  decryption_failed: errorResponse(503, "Decryption failed"),
  busy: errorResponse(503, "Too many requests at once", "Retry-After", "1"),
};
