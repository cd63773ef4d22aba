import type { VcsConfig } from "../../config/vcs.ts";
import { FETCH_DEADLINE_MS } from "../../limits.ts";
import type { Network } from "../../net/network.ts";
import type { Log } from "../../telemetry/log.ts";
import type { FetchAnswer, Source } from "../source.ts";
import { artifactPath } from "./address.ts";
import { credentialHeaders, followCredential } from "./credential.ts";
import { beginVisit, type Visit } from "./visit.ts";

export interface VcsOptions {
  readonly network: Network;
  readonly log: Log;
  /** Milliseconds for all requests of one fetch; tests shorten it. */
  readonly deadlineMs?: number;
}

/** How one service is asked. */
export interface Dialect {
  /** The base of its API, as `apiBase` gives it. */
  readonly base: string;
  /** Headers of every request, besides the credential. */
  readonly headers: Readonly<Record<string, string>>;
  fetch(visit: Visit, etag: string | undefined): Promise<FetchAnswer>;
}

/** A source that reads one repository by the API of its service. */
export function vcsSource(config: VcsConfig, dialect: Dialect, options: VcsOptions): Source {
  const { provider, repo, ref } = config;
  const { base } = dialect;
  const path = artifactPath(config).join("/");
  const credential = followCredential(config, options.log);
  const network = options.network.presentingTo(new URL(base));
  return {
    type: "vcs",
    description: `${provider} ${base} ${repo} ${path}${ref === undefined ? "" : ` at ${ref}`}`,
    cacheKey: `vcs ${JSON.stringify([provider, base, repo, ref ?? null, path])}`,
    async fetch({ etag, signal }) {
      const visit = beginVisit({
        network,
        headers: { ...dialect.headers, ...credentialHeaders(await credential()) },
        deadlineMs: options.deadlineMs ?? FETCH_DEADLINE_MS,
        signal,
      });
      return dialect.fetch(visit, etag);
    },
  };
}
