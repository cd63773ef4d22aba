import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { inPieces, listening, openElsewhere } from "../listening.ts";
import { Repository } from "./repository.ts";

/** What a host answers, before it is sent. */
export interface Reply {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  /** An object is sent as JSON. */
  readonly body?: Uint8Array | string | object;
  /** Set where the body is a file of the repository. */
  readonly file?: boolean;
}

export interface Asked {
  readonly method: string;
  /** The path below the host's prefix, still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
}

/** How files go out: whole, or in some way that a network can spoil. */
export type Delivery =
  | "whole"
  | "slow"
  | "hangs"
  | "cut"
  | "endless"
  /** Instead of the file, the headers of the request. */
  | "echo"
  | { readonly to: string };

/**
 * A code host on a real socket, with one private repository. What differs from service to service
 * is in `answer`; here is how answers go out and what may go wrong on the way.
 */
export abstract class CodeHost {
  readonly repository = new Repository();
  /** Answers everything from now on; undefined lets the service answer. */
  refusal: Reply | undefined;
  delivery: Delivery = "whole";
  /** Every request so far, as `METHOD path?query`. */
  readonly requests: string[] = [];
  /** The headers of the latest request. */
  latestHeaders: IncomingMessage["headers"] = {};
  /** Called before every answer, when the request is counted already. */
  onRequest: (() => void) | undefined;
  /** Bytes of files sent so far. */
  sentBytes = 0;
  /** The path below which the API is. */
  prefix = "";
  /** What the repository is called. */
  repo = "acme/secrets";
  /** What it was called before; the service redirects from there. */
  formerRepo: string | undefined;
  #port = 0;

  protected abstract answer(asked: Asked): Reply;

  async listen(context: Pick<TestContext, "after">): Promise<this> {
    this.#port = await listening(context, (request, response) => this.#serve(request, response));
    return this;
  }

  /** The address of the host itself, with its prefix. */
  get address(): string {
    return `http://127.0.0.1:${this.#port}${this.prefix}`;
  }

  /** From now on files come from another origin, which holds these bytes. */
  async sendElsewhere(
    context: Pick<TestContext, "after">,
    bytes: Uint8Array,
  ): Promise<{ readonly seen: () => string }> {
    const elsewhere = await openElsewhere(context, bytes);
    this.delivery = { to: `${elsewhere.address}/media/1` };
    return elsewhere;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { method = "", url = "", headers } = request;
    this.requests.push(`${method} ${url}`);
    this.latestHeaders = headers;
    this.onRequest?.();
    const { pathname, searchParams: query } = new URL(url, "http://host");
    const reply = pathname.startsWith(`${this.prefix}/`)
      ? (this.refusal ??
        this.answer({ method, path: pathname.slice(this.prefix.length), query, headers }))
      : { status: 404, headers: { "content-type": "text/html" }, body: "<title>404</title>" };
    const bytes = bodyOf(reply);
    const sends = method !== "HEAD" && reply.status !== 304;
    if (reply.file !== true || !sends) {
      const type = typeof reply.body === "object" ? { "content-type": "application/json" } : {};
      response.writeHead(reply.status, {
        ...type,
        ...reply.headers,
        ...(reply.status === 304 ? {} : { "content-length": bytes.length }),
      });
      response.end(sends ? bytes : undefined);
      return;
    }
    this.#deliver(bytes, reply.headers ?? {}, request, response);
  }

  #deliver(
    bytes: Buffer,
    headers: OutgoingHttpHeaders,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (typeof this.delivery === "object") {
      response.writeHead(302, { location: this.delivery.to }).end();
      return;
    }
    this.sentBytes += bytes.length;
    switch (this.delivery) {
      case "whole":
        response.writeHead(200, { ...headers, "content-length": bytes.length }).end(bytes);
        return;
      case "slow":
        response.writeHead(200, headers);
        inPieces(bytes, response);
        return;
      case "echo":
        response.writeHead(200, headers).end(request.rawHeaders.join("\n"));
        return;
      case "hangs":
        response.writeHead(200, headers).write("{");
        return;
      case "cut":
        response.writeHead(200, { ...headers, "content-length": bytes.length + 1000 });
        response.write("{", () => response.destroy());
        return;
      case "endless": {
        const chunk = Buffer.alloc(1024 * 1024);
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
        };
        response.writeHead(200, headers).on("drain", more);
        more();
      }
    }
  }
}

function bodyOf({ body = "" }: Reply): Buffer {
  if (typeof body === "string") return Buffer.from(body);
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
}

/** The segments of a path, decoded one by one. */
export function segmentsOf(path: string): readonly string[] {
  return path.split("/").slice(1).map(decodeURIComponent);
}

/** The token of a bearer, or the user and password of basic authentication as `user:password`. */
export function authorizationOf(headers: Asked["headers"]): string | undefined {
  const [, scheme = "", text = ""] = /^(\w+) (\S+)$/.exec(headers.authorization ?? "") ?? [];
  if (/^(?:bearer|token)$/i.test(scheme)) return text;
  return scheme === "Basic" ? Buffer.from(text, "base64").toString() : undefined;
}
