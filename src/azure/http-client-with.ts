import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
} from "@azure/core-rest-pipeline";
import type { CredentialClient } from "../net/credential-client.ts";

/** The client of Azure's pipeline, over the agent's network. */
export function httpClientWith(client: CredentialClient): HttpClient {
  return {
    async sendRequest(request) {
      const { abortSignal, timeout, body } = request;
      const aborted = new AbortController();
      const abort = (): void => aborted.abort();
      abortSignal?.addEventListener("abort", abort);
      if (abortSignal?.aborted === true) abort();
      try {
        const answer = await client.send({
          method: methodOf(request),
          url: new URL(request.url),
          headers: request.headers.toJSON({ preserveCase: true }),
          ...(typeof body === "string" ? { body } : {}),
          signal: aborted.signal,
          deadlineMs: timeout > 0 ? timeout : undefined,
        });
        return {
          request,
          status: answer.status,
          headers: createHttpHeaders(Object.fromEntries(answer.headers.entries())),
          bodyAsText: answer.bytes.toString("utf8"),
        };
      } finally {
        abortSignal?.removeEventListener("abort", abort);
      }
    },
  };
}

function methodOf({ method }: PipelineRequest): "GET" | "POST" | "PUT" {
  if (method === "GET" || method === "POST" || method === "PUT") return method;
  throw new Error("Azure's library asks for credentials with GET and POST");
}
