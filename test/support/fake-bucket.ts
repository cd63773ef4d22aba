import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Network } from "../../src/net/network.ts";
import { authority, certificateFor } from "./certificate.ts";
import { inPieces } from "./listening.ts";
import { opened, portOf } from "./names-here.ts";
import { networkIn } from "./network.ts";
import { ForwardProxy } from "./proxy.ts";
import { temporaryDirectory } from "./temporary.ts";

type Respond = (response: ServerResponse) => void;

/** How a service speaks of its objects. */
export interface BucketSpeech {
  readonly host: string;
  /** Path of the one object there is. */
  readonly path: string;
  /** Of a state of the object, by its number: what its headers say, and whether a request asks for another. */
  readonly headers: (state: number) => Readonly<Record<string, string>>;
  readonly isHeld: (request: IncomingMessage, url: URL, state: number) => boolean;
  /** An error by its status, as the service writes it. */
  readonly error: (response: ServerResponse, status: number) => void;
}

/** A service that keeps one object, under its real name, and checks who asks. */
export class FakeBucket {
  token: string | undefined = "alpha-token";
  isPublic = false;
  behaviour: Respond | undefined;
  sentBytes = 0;
  readonly seen: { readonly authorization: string | undefined; readonly target: string }[] = [];
  #held: Uint8Array | undefined;
  #state = 0;
  readonly #speech: BucketSpeech;

  constructor(speech: BucketSpeech) {
    this.#speech = speech;
  }

  put(bytes: Uint8Array | undefined): void {
    this.behaviour = undefined;
    this.#held = bytes;
    this.#state++;
  }

  /** Serves it at its name; gives the network that finds it there. */
  async listen(t: Pick<TestContext, "after">): Promise<Network> {
    return networkIn(await this.env(t));
  }

  /** The environment in which it is found, and others beside it at names of their own. */
  async env(
    t: Pick<TestContext, "after">,
    others: Readonly<Record<string, RequestListener>> = {},
  ): Promise<Readonly<Record<string, string>>> {
    const ca = authority();
    const hosts: Readonly<Record<string, RequestListener>> = {
      ...others,
      [this.#speech.host]: this.listener,
    };
    const server = createTlsServer(
      certificateFor(Object.keys(hosts), { issuer: ca }),
      (request, response) => hosts[request.headers.host ?? ""]?.(request, response),
    );
    const port = portOf(await opened(t, server));
    const names = Object.fromEntries(Object.keys(hosts).map((host) => [`${host}:443`, port]));
    const proxy = await ForwardProxy.start(t, { names });
    const file = join(await temporaryDirectory(t), "ca.pem");
    await writeFile(file, ca.cert);
    return { HTTPS_PROXY: proxy.url, CLEF_AGENT_CA_FILE: file };
  }

  readonly listener: RequestListener = (request, response) => {
    const { authorization } = request.headers;
    const { path, error, headers, isHeld } = this.#speech;
    const url = new URL(request.url ?? "", "https://x");
    this.seen.push({ authorization, target: request.url ?? "" });
    if (this.behaviour !== undefined) {
      this.behaviour(response);
      return;
    }
    if (authorization === undefined && !this.isPublic) error(response, 401);
    else if (authorization !== undefined && authorization !== `Bearer ${this.token}`) {
      error(response, 401);
    } else if (url.pathname !== path || this.#held === undefined) error(response, 404);
    else if (isHeld(request, url, this.#state)) response.writeHead(304, headers(this.#state)).end();
    else {
      this.sentBytes += this.#held.length;
      response.writeHead(200, headers(this.#state)).end(this.#held);
    }
  };

  /** What it does next: what the contract of sources asks of an origin. */
  readonly fails = {
    with: (status: number, more: Readonly<Record<string, string>> = {}) => {
      this.behaviour = (response) => {
        for (const [name, value] of Object.entries(more)) response.setHeader(name, value);
        this.#speech.error(response, status);
      };
    },
    byHanging: () => {
      this.behaviour = (response) => void response.writeHead(200).write("{");
    },
    byCutting: () => {
      this.behaviour = (response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("{", () => response.destroy());
      };
    },
    withoutEnd: () => {
      this.behaviour = (response) => {
        const chunk = Buffer.alloc(1024 * 1024);
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on("drain", more);
        more();
      };
    },
    slowly: () => {
      const held = this.#held ?? Buffer.alloc(0);
      this.behaviour = (response) => inPieces(held, response.writeHead(200));
    },
  };
}

export const GCS_SPEECH: BucketSpeech = {
  host: "storage.googleapis.com",
  path: "/storage/v1/b/artifacts/o/packed%2Fapi%20(%C3%BC).json",
  headers: (state) => ({ "x-goog-generation": String(1_700_000_000_000 + state) }),
  isHeld: (_, url, state) =>
    url.searchParams.get("ifGenerationNotMatch") === String(1_700_000_000_000 + state),
  error(response, status) {
    const reason = { 401: "required", 403: "forbidden", 404: "notFound" }[status] ?? "backendError";
    const error = { code: status, message: "fake", errors: [{ message: "fake", reason }] };
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ error }));
  },
};

export const BLOB_SPEECH: BucketSpeech = {
  host: "artifacts.blob.core.windows.net",
  path: "/packed/api%20(%C3%BC).json",
  headers: (state) => ({ etag: `"0x8DC${state}"` }),
  isHeld: ({ headers }, _, state) => headers["if-none-match"] === `"0x8DC${state}"`,
  error(response, status) {
    const code =
      {
        401: "NoAuthenticationInformation",
        403: "AuthorizationPermissionMismatch",
        404: "BlobNotFound",
      }[status] ?? "InternalError";
    response.writeHead(status, { "x-ms-error-code": code, "content-type": "application/xml" });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
  },
};
