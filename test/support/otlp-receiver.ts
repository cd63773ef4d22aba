import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { secretsIn } from "./known-secrets.ts";
import { decodeRequest } from "./otlp-definitions.ts";
import { type ExportedEvent, type ExportedMetric, eventsIn, metricsIn } from "./otlp-reading.ts";
import { eventually } from "./temporary.ts";

export interface ReceivedRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** The body as it came, and unpacked. */
  readonly raw: Buffer;
  readonly body: Buffer;
  readonly message: unknown;
}

/** How the collector treats a request that it has read; a body that it does not answer hangs. */
export type Treatment = (response: ServerResponse, request: ReceivedRequest) => void;

export const accepting: Treatment = (response) => {
  response.writeHead(200, { "content-type": "application/json" }).end("{}");
};

/** Takes every request and never answers. */
export const hangingCollector: Treatment = () => undefined;

export function refusing(
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Treatment {
  return (response) => response.writeHead(status, headers).end();
}

/**
 * A collector over real sockets. Whatever it is sent, at any time, must be valid by OTLP's published
 * definitions and hold no secret of any test of its process; the test fails otherwise.
 */
export class OtlpReceiver {
  treatment: Treatment = accepting;
  readonly #requests: ReceivedRequest[] = [];
  readonly #taken: ReceivedRequest[] = [];
  readonly #problems: string[] = [];
  readonly #server = createServer((request, response) => void this.#receive(request, response));

  static async start(context: Pick<TestContext, "after">): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((resolve) => {
      receiver.#server.listen(0, "127.0.0.1", () => resolve());
    });
    context.after(() => receiver.#close());
    return receiver;
  }

  /** Without a path. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get logsUrl(): string {
    return `${this.url}/v1/logs`;
  }

  /** Every request, however it was treated. */
  get requests(): readonly ReceivedRequest[] {
    return this.#requests;
  }

  /** The events that were taken, in the order they came. */
  get events(): readonly ExportedEvent[] {
    return this.#taken
      .filter(({ path }) => path === "/v1/logs")
      .flatMap(({ message }) => eventsIn(message));
  }

  /** The metrics of the latest export that was taken, by name. */
  get metrics(): ReadonlyMap<string, ExportedMetric> {
    const latest = this.#taken.findLast(({ path }) => path === "/v1/metrics");
    return new Map(latest === undefined ? [] : metricsIn(latest.message));
  }

  async event(name: string): Promise<ExportedEvent> {
    return eventually(`the event ${name}`, () => this.events.find((event) => event.name === name));
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => undefined);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      // The agent gave it up.
      return;
    }
    const raw = Buffer.concat(chunks);
    const zipped = request.headers["content-encoding"] === "gzip";
    const body = zipped ? gunzipSync(raw) : raw;
    const path = request.url ?? "";
    const contentType = request.headers["content-type"] ?? "";
    const { message, problems } = decodeRequest(path, contentType, body);
    if (request.method !== "POST") this.#problems.push(`${request.method ?? ""} is not POST`);
    this.#problems.push(...problems);
    const received = { path, headers: request.headers, raw, body, message };
    this.#requests.push(received);
    response.once("finish", () => {
      if (response.statusCode === 200) this.#taken.push(received);
    });
    this.treatment(response, received);
  }

  async #close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    assert.deepEqual(this.#problems, [], "requests that are not OTLP");
    for (const { raw, body } of this.#requests) {
      for (const bytes of [raw, body])
        assert.deepEqual(secretsIn(bytes), [], "secrets in a request");
    }
  }
}
