import { VERSION } from "../version.ts";
import { boundedGet } from "./bounded-get.ts";
import type { Network } from "../net/network.ts";
import { basicAuthorization, safeUrl, withoutUserInfo } from "../net/safe-url.ts";
import type { Source } from "./source.ts";

export interface HttpOptions {
  readonly network: Network;
  readonly deadlineMs?: number;
}

/** An http(s) URL, asked conditionally with the ETag of what is already held. */
export function httpSource(url: URL, options: HttpOptions): Source {
  const authorization = basicAuthorization(url);
  const target = withoutUserInfo(url);
  const network = options.network.presentingTo(target);
  return {
    type: "http",
    description: safeUrl(target),
    cacheKey: `http ${target.href}`,
    async fetch({ etag, signal }) {
      const headers: Record<string, string> = {
        accept: "application/json, */*;q=0.1",
        // A compressed body would hide its size from the cap.
        "accept-encoding": "identity",
        "user-agent": `clef-agent/${VERSION}`,
      };
      if (authorization !== undefined) headers["authorization"] = authorization;
      if (etag !== undefined) headers["if-none-match"] = etag;
      const response = await boundedGet({
        url: target,
        headers,
        variable: "CLEF_AGENT_SOURCE",
        signal,
        ...options,
        network,
      });
      if (response.status === 304) return { kind: "unchanged" };
      return { kind: "bytes", bytes: response.bytes, etag: response.etag };
    },
  };
}
