import http from "node:http";
import { LAMBDA_EVENT_MAX_BYTES } from "../limits.ts";

export interface ExtensionRequest {
  readonly method: "GET" | "POST";
  /** `host:port`, as `AWS_LAMBDA_RUNTIME_API` gives it. */
  readonly host: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Milliseconds of silence after which the request is given up; 0 waits for ever. */
  readonly timeoutMs: number;
}

export interface ExtensionAnswer {
  readonly status: number;
  readonly extensionId: string | undefined;
  readonly body: string;
}

/**
 * One request to Lambda's Extensions API. With node:http, which can wait for hours (fetch gives up
 * after 300 s), and with a connection of its own: one left idle may not outlive a freeze.
 *
 * @throws Error without an answer.
 */
export function askExtensionsApi(request: ExtensionRequest): Promise<ExtensionAnswer> {
  const { method, host, path, headers, body, timeoutMs } = request;
  return new Promise((resolve, reject) => {
    const url = new URL(`http://${host}/2020-01-01/extension/${path}`);
    const outgoing = http.request(url, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= LAMBDA_EVENT_MAX_BYTES) chunks.push(chunk);
        else incoming.destroy(new Error("the answer is too long"));
      });
      incoming.on("error", reject);
      incoming.on("end", () => {
        const id = incoming.headers["lambda-extension-identifier"];
        resolve({
          status: incoming.statusCode ?? 0,
          extensionId: typeof id === "string" ? id : undefined,
          body: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    if (timeoutMs > 0) {
      outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error("it does not answer")));
    }
    outgoing.on("error", reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
