import type { Handler } from "../server/handler.ts";
import type { Request } from "../server/request.ts";
import type { Response } from "../server/response.ts";
import { routeTemplate, type RouteTemplate } from "../server/route.ts";

/** Upper bounds of the buckets, in seconds, as the semantic conventions advise for this metric. */
export const DURATION_BOUNDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** The methods that a label may name; whatever else a client makes up is one series. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "_OTHER"] as const;
type Method = (typeof METHODS)[number];
const METHOD_OF: ReadonlyMap<string, Method> = new Map(METHODS.map((method) => [method, method]));

/** Requests of one method to one route with one status, and how long they took. */
export interface RequestSeries {
  readonly method: Method;
  /** Undefined where the path is none of the agent's. */
  readonly route: RouteTemplate | undefined;
  readonly status: number;
  /** Requests in each bucket; the last one is for what is over every bound. */
  readonly counts: number[];
  count: number;
  /** Seconds. */
  sum: number;
  min: number;
  max: number;
}

/**
 * Counts requests and times them until their answer is handed over. Labels are from closed sets, so
 * no client can make it grow.
 */
export class RequestMeter {
  readonly #nowMs: () => number;
  /** By what a request that is as good as any looks like: the one that comes again and again. */
  readonly #series = new Map<string, RequestSeries>();
  #last: RequestSeries | undefined;

  /** @param nowMs - monotonic milliseconds. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get series(): Iterable<RequestSeries> {
    return this.#series.values();
  }

  /** The same handler, with its requests counted. */
  observe(handler: Handler): Handler {
    return (request) => {
      const startedMs = this.#nowMs();
      const response = handler(request);
      if (!(response instanceof Promise)) {
        this.#count(request, response, startedMs);
        return response;
      }
      return response.then(
        (late) => {
          this.#count(request, late, startedMs);
          return late;
        },
        (error: unknown) => {
          this.#count(request, FAILED, startedMs);
          throw error;
        },
      );
    };
  }

  #count(request: Request, { status, heldMs = 0 }: Counted, startedMs: number): void {
    // What a client wished to wait for a change is not the time that the agent took.
    const seconds = Math.max(0, this.#nowMs() - startedMs - heldMs) / 1000;
    const series = this.#seriesOf(request, status);
    let bucket = 0;
    while (bucket < DURATION_BOUNDS.length && seconds > (DURATION_BOUNDS[bucket] ?? 0)) bucket++;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.count++;
    series.sum += seconds;
    if (seconds < series.min) series.min = seconds;
    if (seconds > series.max) series.max = seconds;
  }

  #seriesOf(request: Request, status: number): RequestSeries {
    const method = METHOD_OF.get(request.method) ?? "_OTHER";
    const route = routeTemplate(request.target);
    const last = this.#last;
    if (last?.route === route && last?.method === method && last.status === status) return last;
    const key = `${method} ${status} ${route ?? ""}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = newSeries(method, route, status);
      this.#series.set(key, series);
    }
    this.#last = series;
    return series;
  }
}

type Counted = Pick<Response, "status" | "heldMs">;
const FAILED: Counted = { status: 500 };

function newSeries(
  method: Method,
  route: RouteTemplate | undefined,
  status: number,
): RequestSeries {
  const counts = Array.from({ length: DURATION_BOUNDS.length + 1 }, () => 0);
  return { method, route, status, counts, count: 0, sum: 0, min: Infinity, max: 0 };
}
