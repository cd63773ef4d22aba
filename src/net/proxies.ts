import { type HostList, parseHostList } from "./no-proxy.ts";
import type { Proxy, ProxySettings } from "./settings.ts";

/**
 * Where a proxy never stands in between (contract, section 11): this machine, and the services that a
 * cloud gives to the one machine that asks, whose answers are credentials.
 */
const NEVER: HostList = parseHostList(
  "127.0.0.0/8 ::1 localhost 169.254.0.0/16 fe80::/10 fd00:ec2::/32 metadata.google.internal",
);

/** The proxy to use for an address. */
export class Proxies {
  readonly #settings: ProxySettings;
  readonly #exempt: HostList;
  readonly #direct: HostList;

  constructor(settings: ProxySettings) {
    this.#settings = settings;
    this.#exempt = parseHostList(settings.exempt);
    this.#direct = parseHostList(settings.direct.join(" "));
  }

  /** Undefined where the address is to be asked without one. */
  for(url: URL): Proxy | undefined {
    const proxy = url.protocol === "https:" ? this.#settings.https : this.#settings.http;
    if (proxy === undefined) return undefined;
    const exempt = NEVER.has(url) || this.#direct.has(url) || this.#exempt.has(url);
    return exempt ? undefined : proxy;
  }
}
