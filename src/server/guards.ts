import type { Request } from "./request.ts";
import type { Route } from "./route.ts";
import { errorResponse, type Response } from "./response.ts";
import type { TokenGuard } from "./token.ts";

/** What makes a client one that may ask. */
export type Access =
  /** Whoever shows the token, on a port that every user and every web page can reach. */
  | { readonly kind: "token"; readonly token: TokenGuard; readonly hosts: readonly string[] }
  /** Whoever could connect: the permissions of a socket decided it. */
  | { readonly kind: "permissions" };

/**
 * What every request must pass first, in this order: Host, no proxy. The method and the token come after
 * the route, which they depend on.
 *
 * @returns the refusal, or undefined if the request may go on.
 */
export function refuseRequest(request: Request, access: Access): Response | undefined {
  if (access.kind === "token" && !isAllowed(request.host, access.hosts)) return WRONG_HOST;
  // A sidecar's client never comes through a proxy; a server-side request forgery often does.
  return request.forwarded ? FORWARDED : undefined;
}

/** A browser that was lured to a name that resolves to 127.0.0.1 sends that name. */
function isAllowed(host: string | undefined, hosts: readonly string[]): boolean {
  return host !== undefined && (hosts.includes(host) || hosts.includes(host.toLowerCase()));
}

/** @param route - undefined for a path that leads nowhere, which may be read like the others. */
export function refuseMethod(
  { method }: Request,
  route: Route["kind"] | undefined,
): Response | undefined {
  if (route === "refresh") return method === "POST" ? undefined : NOT_POST;
  return method === "GET" || method === "HEAD" ? undefined : NOT_GET;
}

export function refuseToken(request: Request, access: Access): Response | undefined {
  const right = access.kind === "permissions" || access.token.accepts(request.authorization);
  request.showedToken(right);
  return right ? undefined : WRONG_TOKEN;
}

/** The Host values of a listener on this port (contract, section 3). */
export function allowedHosts(port: number): readonly string[] {
  const names = ["127.0.0.1", "localhost", "[::1]"];
  return names.flatMap((name) => [name, `${name}:${port}`]);
}

const WRONG_HOST = errorResponse(403, "Forbidden: invalid Host header");
const FORWARDED = errorResponse(403, "Forbidden: proxied request");
const NOT_GET = errorResponse(405, "Method not allowed", "Allow", "GET, HEAD");
const NOT_POST = errorResponse(405, "Method not allowed", "Allow", "POST");
const WRONG_TOKEN = errorResponse(401, "Unauthorized", "WWW-Authenticate", "Bearer");
