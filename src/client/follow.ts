import { again, pause } from "./again.ts";
import type { WatchOptions } from "./api.ts";
import type { ClientError } from "./error.ts";
import type { Answer } from "./exchange.ts";
import type { Requests } from "./requests.ts";

/** One request waits for a change for 60 s (contract, section 12); its answer may take as long as any other. */
const TIMEOUT_MS = 90_000;

/** More than any program runs. */
const FOREVER_MS = 1e99;

/** Attempts with a token that the agent refuses; it reads a new one of its file within two seconds. */
const REFUSALS = 8;

/**
 * The body of a path: now, after every change, and as soon as there is one again after any trouble, by
 * waiting requests. What changed while there was trouble is one change.
 *
 * @throws ClientError `revoked`, `unauthorized` or `aborted`; all else is tried again.
 */
export async function* follow(
  requests: Requests,
  path: string,
  { signal, onTrouble }: WatchOptions,
): AsyncGenerator<Buffer, never> {
  let etag: string | undefined;
  let refusals = 0;
  const ask = (): Promise<Answer> =>
    requests.once(
      "GET",
      path,
      signal,
      { prefer: "wait=60", ...(etag && { "if-none-match": etag }) },
      TIMEOUT_MS,
    );
  const passes = (error: ClientError): boolean => {
    const { code } = error;
    // One after the other: what else was in the way before is no refusal.
    refusals = code === "unauthorized" ? refusals + 1 : 0;
    const isFinal =
      refusals > (requests.tokenChanges ? REFUSALS : 0) || code === "revoked" || code === "aborted";
    if (!isFinal) onTrouble?.(error);
    // Without a tag the next answer says at once that there is one again.
    if (code !== "busy") etag = undefined;
    return !isFinal;
  };
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one request after the other
    const { head, body } = await again(ask, FOREVER_MS, passes, signal);
    refusals = 0;
    const before = etag;
    ({ etag } = head.headers);
    if (head.statusCode === 200) yield body;
    // Whoever does not know how to wait is not asked without a pause.
    // oxlint-disable-next-line no-await-in-loop -- one request after the other
    if (!etag || etag === before) await pause(100, signal);
  }
}
