import { systemCode } from "../errors.ts";
import { FETCH_DEADLINE_MS } from "../limits.ts";
import { type Exchange, type Failure, failed } from "./outcome.ts";
import { nameOf, ProxyError } from "./proxy-error.ts";
import { certificateRefusal, untrustedProblem } from "./untrusted.ts";
import type { Way } from "./ways.ts";

export interface Bounds {
  readonly url: URL;
  readonly signal: AbortSignal;
  /** Milliseconds for the whole exchange; `FETCH_DEADLINE_MS` without it. */
  readonly deadlineMs?: number;
}

/** Told of each way that is taken, before anything is sent on it. */
export type OnWay = (way: Way, url: URL) => void;

/** Sends a request within its deadline, and says why there is no answer. Never throws. */
export async function bounded(
  { url, signal, deadlineMs = FETCH_DEADLINE_MS }: Bounds,
  ask: (signal: AbortSignal, onWay: OnWay) => Promise<Exchange>,
): Promise<Exchange> {
  const deadline = AbortSignal.timeout(deadlineMs);
  let at = url;
  let taken: Way | undefined;
  const onWay: OnWay = (way, to) => {
    taken = way;
    at = to;
  };
  try {
    return await ask(AbortSignal.any([signal, deadline]), onWay);
  } catch (error) {
    const [failure, problem] = deadline.aborted
      ? ([
          "timeout",
          `did not answer in full within ${deadlineMs / 1000} s${through(taken)}`,
        ] as const)
      : signal.aborted
        ? (["stopped", "was not waited for"] as const)
        : reasonFor(error, taken);
    const isOfTheWay = taken?.proxy !== undefined || failure === "untrusted";
    return { ...failed(at, failure, problem), code: systemCode(error), isOfTheWay };
  }
}

/** What an error of the way says, in words that follow the address. */
function reasonFor(error: unknown, taken: Way | undefined): readonly [Failure, string] {
  if (error instanceof ProxyError) {
    return [error.untrusted ? "untrusted" : "proxy", `cannot be reached: ${error.message}`];
  }
  const untrusted = untrustedProblem(error, taken?.onlyNamedCas ?? false);
  if (untrusted !== undefined) {
    return ["untrusted", `shows${through(taken)} a certificate ${untrusted}`];
  }
  const code = systemCode(error);
  // Nobody was asked: what the network says is of a file, and of no address.
  if (taken === undefined && code === undefined && error instanceof Error) {
    return ["untrusted", `was not asked: ${error.message}`];
  }
  const refusal = certificateRefusal(code);
  if (refusal !== undefined) return ["refused", refusal];
  if (code !== undefined && DROPPED.has(code)) {
    return ["dropped", `closed the connection early${through(taken)}`];
  }
  const detail = code === undefined ? "" : ` (${code})`;
  return ["unreachable", `cannot be reached${detail}${through(taken)}`];
}

const DROPPED: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "Z_BUF_ERROR"]);

function through(way: Way | undefined): string {
  return way?.proxy === undefined ? "" : ` through ${nameOf(way.proxy.proxy)}`;
}
