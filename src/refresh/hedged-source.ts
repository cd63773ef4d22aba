import { AgentError } from "../errors.ts";
import type { FetchAnswer, FetchRequest, Source } from "../source/source.ts";
import type { Clock } from "../system/clock.ts";

/** How a request ended. */
type Settled =
  | { readonly kind: "answered"; readonly answer: FetchAnswer }
  | { readonly kind: "failed"; readonly error: unknown };

/**
 * A source with hedged requests, for the start-up: a connection that hangs, as behind a mesh or a VPN
 * that is not up yet, must not use up the time in which the origin comes. `fetch` gives up on a request
 * that has not answered within the patience, and that request goes on all the same: an answer of it is
 * what the next `fetch` returns, so that an origin that is only slow is not asked in vain.
 *
 * @param patienceMs - how long one `fetch` waits, in milliseconds.
 */
export function hedged(source: Source, clock: Clock, patienceMs: () => number): Source {
  /** Requests that `fetch` no longer waits for; those that failed are gone. */
  const earlier = new Set<Promise<Settled>>();
  let rest = new AbortController();

  const ask = (request: FetchRequest): Promise<Settled> => {
    const signal = AbortSignal.any([request.signal, rest.signal]);
    return source.fetch({ ...request, signal }).then(
      (answer) => ({ kind: "answered", answer }),
      (error: unknown) => ({ kind: "failed", error }),
    );
  };

  const keep = (asked: Promise<Settled>): void => {
    earlier.add(asked);
    void asked.then(({ kind }) => kind === "failed" && earlier.delete(asked));
  };

  /** The answer of the first earlier request that has one. */
  const earlierAnswer = (): Promise<Settled> =>
    new Promise((resolve) => {
      for (const asked of earlier) {
        void asked.then((settled) => settled.kind === "answered" && resolve(settled));
      }
    });

  return {
    ...source,
    async fetch(request) {
      const impatience = Promise.withResolvers<undefined>();
      const timer = clock.after(patienceMs(), () => impatience.resolve(undefined));
      const asked = ask(request);
      const settled = await Promise.race([earlierAnswer(), asked, impatience.promise]);
      timer.cancel();
      if (settled === undefined) {
        keep(asked);
        const problem = "has not answered yet; it is asked once more, and that request goes on";
        throw new AgentError("source_timeout", `${source.description} ${problem}`);
      }
      if (settled.kind === "failed") throw settled.error;
      earlier.clear();
      rest.abort();
      rest = new AbortController();
      return settled.answer;
    },
  };
}
