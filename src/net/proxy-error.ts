import { systemCode } from "../errors.ts";
import type { Proxy } from "./settings.ts";
import { untrustedProblem } from "./untrusted.ts";

/** The proxy, and not what was asked through it, is in the way. The message names its variable, and no credentials. */
export class ProxyError extends Error {
  /** Whether it is the certificate of the proxy. */
  readonly untrusted: boolean;

  constructor(proxy: Proxy, problem: string, untrusted = false) {
    super(`${nameOf(proxy)} ${problem}`);
    this.untrusted = untrusted;
  }
}

/** To be read in a sentence: "the proxy in HTTPS_PROXY (proxy.example:3128)". */
export function nameOf({ variable, url }: Proxy): string {
  return `the proxy in ${variable} (${url.host})`;
}

/** No connection to the proxy. */
export function unreachable(proxy: Proxy, error: unknown, onlyNamedCas: boolean): ProxyError {
  const untrusted = untrustedProblem(error, onlyNamedCas);
  if (untrusted !== undefined)
    return new ProxyError(proxy, `shows a certificate ${untrusted}`, true);
  const code = systemCode(error);
  const detail = code === undefined ? "" : ` (${code})`;
  return new ProxyError(
    proxy,
    `cannot be reached${detail}; check ${proxy.variable}, or exempt the host in NO_PROXY`,
  );
}

/** The proxy answered itself, with something else than what it was asked for. */
export function refused(proxy: Proxy, status: number): ProxyError {
  if (status >= 500) {
    return new ProxyError(
      proxy,
      `could not connect there (${status}); check the address, and what the proxy itself reaches`,
    );
  }
  if (status < 300) {
    return new ProxyError(
      proxy,
      `gave something else than a connection (${status}); is it a proxy?`,
    );
  }
  // 401 is what tinyproxy answers to a wrong password.
  if (status !== 407 && status !== 401) {
    return new ProxyError(
      proxy,
      `refused to connect there (${status}); allow it at the proxy, or exempt the host in NO_PROXY`,
    );
  }
  return new ProxyError(
    proxy,
    proxy.authorization === undefined
      ? `asks for a user name and a password (${status}); write ${proxy.variable} as http://user:password@host:port`
      : `does not accept the user name and password in ${proxy.variable} (${status})`,
  );
}
