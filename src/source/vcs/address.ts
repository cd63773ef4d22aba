import type { VcsConfig } from "../../config/vcs.ts";

/** Where the packed artifact lies in its repository (contract, section 1), from the root. */
export function artifactPath({ identity, environment }: VcsConfig): readonly string[] {
  return [".clef", "packed", identity, `${environment}.age.json`];
}

/**
 * The base of the API: the configured one or `publicBase`, with `suffix` at its end if it is not
 * there yet, and without a slash after it.
 */
export function apiBase(
  apiUrl: URL | undefined,
  publicBase: string,
  suffix: "" | `/${string}`,
): string {
  const { origin, pathname } = apiUrl ?? new URL(publicBase);
  const path = pathname.replace(/\/+$/, "");
  return `${origin}${path.endsWith(suffix) ? path : path + suffix}`;
}

/** An address below `base`. Every segment is one, whatever it holds; so is every value of the query. */
export function addressOf(
  base: string,
  segments: readonly string[],
  query: Readonly<Record<string, string>> = {},
): URL {
  const url = new URL(`${base}/${segments.map(encodeURIComponent).join("/")}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}
