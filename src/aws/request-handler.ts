import { Readable } from "node:stream";
import { type HttpRequest, HttpResponse } from "@smithy/core/protocols";
import type { CredentialClient } from "../net/credential-client.ts";

/** How AWS's clients for STS and SSO make a request. */
export interface RequestHandler {
  handle(
    request: HttpRequest,
    options?: { readonly abortSignal?: unknown },
  ): Promise<{ readonly response: HttpResponse }>;
}

/** Makes the requests of AWS's own clients over the agent's network. */
export function requestHandler(client: CredentialClient): RequestHandler {
  return {
    async handle(request, { abortSignal } = {}) {
      const method = request.method;
      if (method !== "GET" && method !== "POST" && method !== "PUT") {
        throw new Error("AWS's clients ask for credentials with GET and POST");
      }
      const body: unknown = request.body;
      const answer = await client.send({
        method,
        url: urlOf(request),
        headers: request.headers,
        ...(typeof body === "string" || body instanceof Uint8Array
          ? { body: Buffer.from(body) }
          : {}),
        signal: abortSignal instanceof AbortSignal ? abortSignal : undefined,
      });
      const headers = Object.fromEntries(answer.headers.entries());
      const stream = Readable.from([answer.bytes], { objectMode: false });
      return { response: new HttpResponse({ statusCode: answer.status, headers, body: stream }) };
    },
  };
}

function urlOf({ protocol, hostname, port, path, query }: HttpRequest): URL {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}`);
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value ?? ""])
      url.searchParams.append(name, one);
  }
  return url;
}
