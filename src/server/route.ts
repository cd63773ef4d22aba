/** What a request asks for. */
export type Route =
  | { readonly kind: "health" }
  | { readonly kind: "ready" }
  | { readonly kind: "refresh" }
  | { readonly kind: "metrics" }
  | { readonly kind: "keys" }
  | { readonly kind: "secrets"; readonly flat: boolean }
  | { readonly kind: "secret"; readonly name: string }
  | { readonly kind: "namespaced"; readonly namespace: string; readonly key: string };

/** The routes that need a token and give something of the secrets. */
export type SecretsRoute = Exclude<Route, { kind: "health" | "ready" | "refresh" | "metrics" }>;

export type RouteError = "not_found" | "undecodable_path" | "unknown_format";

/** Reads path and query; a name may hold an encoded slash. */
export function parseRoute(target: string): Route | RouteError {
  // The one that matters for speed.
  if (target === "/v1/secrets") return NESTED;
  const questionMark = target.indexOf("?");
  const path = withoutSlash(questionMark === -1 ? target : target.slice(0, questionMark));
  switch (path) {
    case "/v1/secrets":
      return secretsRoute(
        new URLSearchParams(questionMark === -1 ? "" : target.slice(questionMark)),
      );
    case "/v1/health":
      return { kind: "health" };
    case "/v1/ready":
      return { kind: "ready" };
    case "/v1/keys":
      return { kind: "keys" };
    case "/v1/refresh":
      return { kind: "refresh" };
    case "/metrics":
      return { kind: "metrics" };
    default:
      return path.startsWith(PREFIX) ? secretRoute(path.slice(PREFIX.length)) : "not_found";
  }
}

/** A slash at the end changes nothing (contract, section 3). */
function withoutSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}

const PREFIX = "/v1/secrets/";
const NESTED: Route = { kind: "secrets", flat: false };

function secretsRoute(query: URLSearchParams): Route | RouteError {
  const format = query.get("format");
  if (format === null) return NESTED;
  return format === "flat" ? { kind: "secrets", flat: true } : "unknown_format";
}

function secretRoute(rest: string): Route | RouteError {
  // As most names are: not worth to be split.
  if (!/[%/]/.test(rest)) return { kind: "secret", name: rest };
  let segments;
  try {
    segments = rest.split("/").map((segment) => decodeURIComponent(segment));
  } catch {
    return "undecodable_path";
  }
  const [first, second, third] = segments;
  if (first === undefined || third !== undefined) return "not_found";
  if (second === undefined) return { kind: "secret", name: first };
  return { kind: "namespaced", namespace: first, key: second };
}

/** The paths of the API as its documentation writes them, for labels that must not hold names of secrets. */
export type RouteTemplate =
  | "/v1/health"
  | "/v1/ready"
  | "/v1/keys"
  | "/v1/refresh"
  | "/metrics"
  | "/v1/secrets"
  | "/v1/secrets/:key"
  | "/v1/secrets/:namespace/:key";

export const ROUTE_TEMPLATES: Readonly<Record<Route["kind"], RouteTemplate>> = {
  health: "/v1/health",
  ready: "/v1/ready",
  keys: "/v1/keys",
  refresh: "/v1/refresh",
  metrics: "/metrics",
  secrets: "/v1/secrets",
  secret: "/v1/secrets/:key",
  namespaced: "/v1/secrets/:namespace/:key",
};

/** The template of the route that `target` leads to; undefined where it leads nowhere. */
export function routeTemplate(target: string): RouteTemplate | undefined {
  const route = parseRoute(target);
  return typeof route === "string" ? undefined : ROUTE_TEMPLATES[route.kind];
}
