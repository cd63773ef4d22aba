const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/** Where a redirect leads, or what is wrong with it. */
export function redirectTarget(location: string | null, from: URL): URL | string {
  const target = location === null ? null : URL.parse(location, from);
  if (target === null) return "redirects to no valid address";
  const safe = target.protocol === "https:" || target.protocol === from.protocol;
  if (!safe || !/^https?:$/.test(target.protocol)) {
    return "redirects to an unsafe address; only the same scheme and https are followed";
  }
  // A redirect must not bring credentials of its own.
  target.username = "";
  target.password = "";
  // Nor is a fragment for a server, or for the proxy that is asked for the whole address.
  target.hash = "";
  return target;
}

/** Headers that would hand what is meant for one origin to another. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "private-token",
  "job-token",
  "deploy-token",
  "x-amz-security-token",
]);

/** The headers fit to be sent to `url`, when they were meant for the origin of `intended`. */
export function headersFor(
  url: URL,
  intended: URL,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (url.origin === intended.origin) return headers;
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !CREDENTIALS.has(name.toLowerCase())),
  );
}
