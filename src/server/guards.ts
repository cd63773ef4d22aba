import type { Request } from "./request.ts";
import { errorResponse, type Response } from "./response.ts";
import type { TokenGuard } from "./token.ts";

/**
 * What every request to the loopback listener must pass, in this order: Host, no proxy, method. The
 * token comes after the route, since health and readiness need none.
 *
 * @returns the refusal, or undefined if the request may go on.
 */
export function refuseRequest(request: Request, hosts: ReadonlySet<string>): Response | undefined {
  const { host, forwarded } = request;
  // A browser that was lured to a name that resolves to 127.0.0.1 sends that name.
  if (host === undefined || !(hosts.has(host) || hosts.has(host.toLowerCase()))) {
    return WRONG_HOST;
  }
  // A sidecar's client never comes through a proxy; a server-side request forgery often does.
  if (forwarded) return FORWARDED;
  return refuseMethod(request);
}

export function refuseMethod({ method }: Request): Response | undefined {
  return method === "GET" || method === "HEAD" ? undefined : WRONG_METHOD;
}

export function refuseToken(request: Request, token: TokenGuard): Response | undefined {
  const right = token.accepts(request.authorization);
  request.showedToken(right);
  return right ? undefined : WRONG_TOKEN;
}

/** The Host values of a listener on this port (contract, section 3). */
export function allowedHosts(port: number): ReadonlySet<string> {
  const names = ["127.0.0.1", "localhost", "[::1]"];
  return new Set(names.flatMap((name) => [name, `${name}:${port}`]));
}

const WRONG_HOST = errorResponse(403, "Forbidden: invalid Host header");
const FORWARDED = errorResponse(403, "Forbidden: proxied request");
const WRONG_METHOD = errorResponse(405, "Method not allowed", "Allow", "GET, HEAD");
const WRONG_TOKEN = errorResponse(401, "Unauthorized", "WWW-Authenticate", "Bearer");
