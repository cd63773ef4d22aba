import http from "node:http";
import type { SecureContext } from "node:tls";
import { urlToHttpOptions } from "node:url";
import { https, tls } from "../system/https.ts";
import { ClientCertificate, type KeyPair } from "./client-certificate.ts";
import {
  type Connections,
  plainConnections,
  tlsConnections,
  tunnelConnections,
} from "./connections.ts";
import { Proxies } from "./proxies.ts";
import type { NetworkSettings, Proxy } from "./settings.ts";
import { type Authorities, Trust } from "./trust.ts";
import { addressOf, clientFor } from "./tunnel.ts";

/** Who asks, as far as it makes a difference on the way. */
export interface Asker {
  /** Whether `AWS_CA_BUNDLE` counts. */
  readonly aws: boolean;
  /** The origin that the client certificate is for; undefined where none is shown. */
  readonly presentingTo: string | undefined;
  /** Whether the answer holds a secret, so that its connections are wiped and shared with no others. */
  readonly secret: boolean;
}

/** How to get to an address now. */
export interface Way {
  readonly client: Pick<typeof http, "request">;
  /** What a request needs besides its method, its headers and its body. */
  readonly options: http.RequestOptions;
  /** Headers for the proxy. */
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: Connections;
  /** The proxy, and whether what it answers can be its own word: only without a tunnel. */
  readonly proxy: { readonly proxy: Proxy; readonly speaks: boolean } | undefined;
  /** Whether `CLEF_AGENT_CA_ONLY` is on. */
  readonly onlyNamedCas: boolean;
}

/** `SSL_OP_CLEANSE_PLAINTEXT` of OpenSSL, which node:crypto does not name. */
const CLEANSE_PLAINTEXT = 0x2;

/** What a pool of connections was made of; a change of any of it makes another pool. */
type Basis = readonly unknown[];

/** The ways through proxies and with certificates, and the connections that are kept on them. */
export class Ways {
  readonly #settings: NetworkSettings;
  readonly #proxies: Proxies;
  readonly #trust: Trust;
  readonly #awsTrust: Trust;
  readonly #certificate: ClientCertificate | undefined;
  readonly #pools = new Map<string, { readonly basis: Basis; readonly connections: Connections }>();
  readonly #contexts = new WeakMap<Authorities, SecureContext>();

  constructor(settings: NetworkSettings, warn: (problem: string) => void) {
    const { proxies, trust, clientCertificate } = settings;
    this.#settings = settings;
    this.#proxies = new Proxies(proxies);
    this.#trust = new Trust(trust, false, warn);
    this.#awsTrust = trust.awsFile === undefined ? this.#trust : new Trust(trust, true, warn);
    this.#certificate =
      clientCertificate === undefined ? undefined : new ClientCertificate(clientCertificate, warn);
  }

  /** @throws Error fit for an operator where a file of certificates can no longer be used. */
  async to(url: URL, asker: Asker): Promise<Way> {
    const proxy = this.#proxies.for(url);
    if (url.protocol === "https:") return this.#secured(url, asker, proxy);
    return proxy === undefined ? this.#plain(url, asker) : this.#absolute(url, asker, proxy);
  }

  #plain(url: URL, asker: Asker): Way {
    const connections = this.#pool(`http ${asker.secret}`, [], plainConnections);
    return this.#way(http, connections, urlToHttpOptions(url));
  }

  /** The proxy is asked for the whole address (RFC 9112, section 3.2.2). */
  async #absolute(url: URL, asker: Asker, proxy: Proxy): Promise<Way> {
    const basis = proxy.url.protocol === "https:" ? [await this.#trust.now()] : [];
    const [authorities] = basis;
    const connections = this.#pool(`proxy ${asker.secret}`, basis, () =>
      authorities === undefined ? plainConnections() : tlsConnections(this.#context(authorities)),
    );
    const { authorization } = proxy;
    const path = `${url.origin}${url.pathname}${url.search}`;
    return {
      ...this.#way(clientFor(proxy), connections, { ...addressOf(proxy), path }),
      headers: {
        host: url.host,
        ...(authorization === undefined ? {} : { "proxy-authorization": authorization }),
      },
      proxy: { proxy, speaks: true },
    };
  }

  async #secured(url: URL, asker: Asker, proxy: Proxy | undefined): Promise<Way> {
    const authorities = await (asker.aws ? this.#awsTrust : this.#trust).now();
    const presents = asker.presentingTo === url.origin;
    const pair = presents ? await this.#certificate?.now() : undefined;
    const key = `https ${asker.secret} ${asker.aws} ${presents}`;
    const options = urlToHttpOptions(url);
    if (proxy === undefined) {
      const connections = this.#pool(key, [authorities, pair], () =>
        tlsConnections(this.#context(authorities, pair)),
      );
      return this.#way(https(), connections, options);
    }
    const own = await this.#trust.now();
    const connections = this.#pool(`tunnel ${key}`, [authorities, pair, own], () =>
      tunnelConnections({
        proxy,
        secureContext: this.#context(authorities, pair),
        proxyContext: this.#context(own),
        onlyNamedCas: this.#settings.trust.only,
      }),
    );
    return { ...this.#way(https(), connections, options), proxy: { proxy, speaks: false } };
  }

  #way(client: Way["client"], connections: Connections, options: http.RequestOptions): Way {
    connections.idle.use();
    return {
      client,
      connections,
      options: { ...options, agent: connections.agent },
      headers: {},
      proxy: undefined,
      onlyNamedCas: this.#settings.trust.only,
    };
  }

  /**
   * The connections by that name. Where they were made of something else than `basis`, nothing is asked over
   * them any more; requests that are under way on them end as they would have.
   */
  #pool(name: string, basis: Basis, make: () => Connections): Connections {
    const held = this.#pools.get(name);
    if (held?.basis.every((one, index) => one === basis[index]) === true) return held.connections;
    held?.connections.idle.retire();
    const connections = make();
    this.#pools.set(name, { basis, connections });
    return connections;
  }

  #context(authorities: Authorities, pair?: KeyPair): SecureContext {
    const known = pair === undefined ? this.#contexts.get(authorities) : undefined;
    if (known !== undefined) return known;
    const { ca } = authorities;
    const context = tls().createSecureContext({
      ...pair,
      ...(ca === undefined ? {} : { ca: [...ca] }),
      secureOptions: CLEANSE_PLAINTEXT,
    });
    if (pair === undefined) this.#contexts.set(authorities, context);
    return context;
  }
}
