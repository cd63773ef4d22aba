import type { IncomingHttpHeaders } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import type { World } from "../suite/world.ts";
import { eventually } from "./expect.ts";
import { startOrigin, type Behaviour } from "./origin.ts";

/** One log record as a collector gets it. */
export interface LogRecord {
  readonly body: string;
  readonly severity: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: string;
  /** Of the request that it came with. */
  readonly headers: IncomingHttpHeaders;
  readonly url: string;
  readonly method: string;
}

/** A collector that takes OTLP logs in JSON. */
export interface Collector {
  readonly url: string;
  readonly records: readonly LogRecord[];
  /** The bytes of every request. */
  readonly bodies: readonly string[];
  behaviour: Behaviour | undefined;
  /** Waits for an event of this name. */
  got(event: string, seconds?: number): Promise<LogRecord>;
}

export async function startCollector(world: World): Promise<Collector> {
  const origin = await startOrigin();
  world.after(() => origin.close());
  const records: LogRecord[] = [];
  const bodies: string[] = [];
  const collector: Collector = {
    url: `http://127.0.0.1:${origin.port}/v1/logs`,
    records,
    bodies,
    behaviour: undefined,
    got: (event, seconds = 25) =>
      eventually(
        `the collector gets ${event}`,
        () => records.find(({ body }) => body === event),
        seconds,
      ),
  };
  origin.behaviour = (request, response) => {
    if (collector.behaviour !== undefined) {
      collector.behaviour(request, response);
      return;
    }
    void buffer(request).then((bytes) => {
      const text = (
        request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes
      ).toString();
      bodies.push(text);
      const { method = "", url = "", headers } = request;
      const came = { method, url, headers };
      if (text.includes("resourceLogs")) records.push(...recordsIn(text, came));
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  };
  return collector;
}

type Json = Readonly<Record<string, unknown>>;
const list = (value: unknown): readonly Json[] => (value ?? []) as readonly Json[];

function recordsIn(text: string, came: Pick<LogRecord, "method" | "url" | "headers">): LogRecord[] {
  const { resourceLogs } = JSON.parse(text) as Json;
  return list(resourceLogs).flatMap(({ resource, scopeLogs }) =>
    list(scopeLogs).flatMap(({ scope, logRecords }) =>
      list(logRecords).map((record) =>
        Object.assign(
          {
            body: String((record["body"] as Json)["stringValue"]),
            severity: String(record["severityText"]),
            attributes: attributes(record["attributes"]),
            resource: attributes((resource as Json)["attributes"]),
            scope: String((scope as Json)["name"]),
          },
          came,
        ),
      ),
    ),
  );
}

function attributes(found: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    list(found).map(({ key, value }) => {
      const [kind, content] = Object.entries(value as Json)[0] ?? [];
      return [String(key), kind === "intValue" ? Number(content) : content];
    }),
  );
}
