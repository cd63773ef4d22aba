import http from "node:http";
import type { Agent as HttpsAgent, AgentOptions, RequestOptions } from "node:https";
import { isIP } from "node:net";
import { type Duplex, PassThrough } from "node:stream";
import type { SecureContext } from "node:tls";
import { FETCH_DEADLINE_MS } from "../limits.ts";
import { https, tls } from "../system/https.ts";
import { ProxyError, refused, unreachable } from "./proxy-error.ts";
import type { Proxy } from "./settings.ts";

export interface TunnelOptions {
  readonly proxy: Proxy;
  /** To trust, or not, what is at the other end of the tunnel, and an https proxy. */
  readonly secureContext: SecureContext;
  /** The same for an https proxy. */
  readonly proxyContext: SecureContext;
  readonly onlyNamedCas: boolean;
}

type OnConnection = (error: Error | null, socket: Duplex) => void;

/** What the types ask for beside an error. */
const NO_SOCKET = new PassThrough();

/**
 * Connections through a proxy by CONNECT (RFC 9110, section 9.3.6), as an agent of Node.js. What the proxy itself
 * says is a `ProxyError`, and never taken for an answer of the host behind it.
 */
export function tunnelAgent(options: TunnelOptions, agentOptions: AgentOptions): HttpsAgent {
  const { Agent } = https();
  class TunnelAgent extends Agent {
    override createConnection(target: RequestOptions, onConnection?: OnConnection): undefined {
      openTunnel(options, target).then(
        (socket) => onConnection?.(null, socket),
        (error: unknown) => onConnection?.(asError(error), NO_SOCKET),
      );
    }
  }
  return new TunnelAgent(agentOptions);
}

async function openTunnel(options: TunnelOptions, target: RequestOptions): Promise<Duplex> {
  const host = target.host ?? "";
  const authority = `${host.includes(":") ? `[${host}]` : host}:${target.port ?? 443}`;
  const socket = await askForTunnel(options, authority);
  const { secureContext } = options;
  const servername = target.servername ?? "";
  return tls().connect({
    socket,
    secureContext,
    host,
    servername,
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    rejectUnauthorized: true,
    ALPNProtocols: ["http/1.1"],
  });
}

/** @throws ProxyError */
function askForTunnel(options: TunnelOptions, authority: string): Promise<Duplex> {
  const { proxy, proxyContext, onlyNamedCas } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const { authorization } = proxy;
  const request: RequestOptions & { readonly secureContext: SecureContext } = {
    ...addressOf(proxy),
    method: "CONNECT",
    path: authority,
    headers: {
      host: authority,
      ...(authorization === undefined ? {} : { "proxy-authorization": authorization }),
    },
    agent: false,
    secureContext: proxyContext,
    rejectUnauthorized: true,
  };
  const asking = clientFor(proxy).request(request);
  // Whoever asked may be gone by then: a proxy that never answers must not cost a socket each time.
  const limit = setTimeout(() => {
    asking.destroy();
    reject(new ProxyError(proxy, `gave no connection within ${FETCH_DEADLINE_MS / 1000} s`));
  }, FETCH_DEADLINE_MS);
  limit.unref();
  asking.once("connect", (response, socket, head) => {
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300 && head.length === 0) {
      resolve(socket);
      return;
    }
    socket.destroy();
    reject(refused(proxy, status));
  });
  asking.once("error", (error) => reject(unreachable(proxy, error, onlyNamedCas)));
  asking.end();
  return promise.finally(() => clearTimeout(limit));
}

/** The client that speaks to a proxy, by the scheme of its address. */
export function clientFor({ url }: Proxy): Pick<typeof http, "request"> {
  return url.protocol === "https:" ? https() : http;
}

export interface ProxyAddress {
  readonly host: string;
  readonly port: string;
  /** By which an https proxy shows its certificate: Node.js would take the name of the host behind it. */
  readonly servername: string;
}

export function addressOf({ url }: Proxy): ProxyAddress {
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  const host = url.hostname.replaceAll(/^\[|\]$/g, "");
  return { host, port, servername: isIP(host) === 0 ? host : "" };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error("the tunnel broke");
}
