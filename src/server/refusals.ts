import { randomUUID } from "node:crypto";
import type { Log } from "../telemetry/log.ts";
import type { Response } from "./response.ts";
import type { RouteTemplate } from "./route.ts";

/** Whom the refusals of the server are told to. */
export interface Refusals {
  /** A request without the right token. */
  unauthorized(route: RouteTemplate): void;
  /**
   * A request that cannot be answered now.
   *
   * @returns the answer, with an id that the log has too.
   */
  unavailable(route: RouteTemplate, reason: string, answer: Response): Response;
}

/** Tells the log, which counts what there is too much of. */
export function refusalsTo(log: Log): Refusals {
  return {
    unauthorized(route) {
      log.warn("a request without the right token was refused", { route, status: 401 });
    },
    unavailable(route, reason, answer) {
      const requestId = randomUUID();
      const { status, headers } = answer;
      log.warn("a request could not be answered", { requestId, route, status, reason });
      return { ...answer, headers: [...headers, "X-Request-Id", requestId] };
    },
  };
}
