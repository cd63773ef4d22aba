import { AgentError } from "../errors.ts";

/** What Lambda tells an extension. */
export type LambdaEvent =
  | {
      readonly kind: "invoke";
      /** Unix time in milliseconds at which the function's own time is over. */
      readonly deadlineMs: number;
    }
  | { readonly kind: "shutdown"; readonly shutdownReason: string };

/**
 * Reads the body of an answer of `/event/next`.
 *
 * @throws AgentError `lambda_api_failed` if it is no event that the agent registered for.
 */
export function parseLambdaEvent(body: string): LambdaEvent {
  const event = asObject(body);
  const { eventType, deadlineMs, shutdownReason } = event;
  if (eventType === "SHUTDOWN") {
    const known = typeof shutdownReason === "string" ? shutdownReason : "unknown";
    return { kind: "shutdown", shutdownReason: known };
  }
  if (eventType === "INVOKE" && typeof deadlineMs === "number") {
    return { kind: "invoke", deadlineMs };
  }
  throw notAnEvent();
}

function asObject(body: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw notAnEvent();
  }
  if (typeof value !== "object" || value === null) throw notAnEvent();
  return { ...value };
}

function notAnEvent(): AgentError {
  return new AgentError(
    "lambda_api_failed",
    "the Lambda Extensions API sent something that is neither an INVOKE nor a SHUTDOWN event",
  );
}
