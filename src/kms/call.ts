import { setTimeout as pause } from "node:timers/promises";
import { KMS_DEADLINE_MS, KMS_RETRY_PAUSE_MS } from "../limits.ts";
import type { AnswerHeaders } from "../net/answer-headers.ts";
import type { Answered, Exchange } from "../net/outcome.ts";
import { countdown } from "../system/countdown.ts";
import { monotonicMs } from "../system/monotonic.ts";
import { kmsError, type Operation, type Problem, type ProviderWords } from "./problem.ts";

export type KmsAnswer = Answered;

/** How long an attempt may take. */
export interface Patience {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

export interface KmsCall {
  readonly words: ProviderWords;
  readonly operation: Operation;
  readonly keyId: string;
  readonly signal: AbortSignal;
  /** Milliseconds for all of it; `KMS_DEADLINE_MS` without it. */
  readonly deadlineMs?: number;
  /** Makes the request once, with credentials. Never throws. */
  readonly send: (patience: Patience) => Promise<Exchange | Problem>;
  /** What an answer that is no 2xx means. */
  readonly judge: (answer: KmsAnswer) => Problem;
  /** Drops the credentials that were not accepted, if those in use were there at `usedMs`. */
  readonly forget: (usedMs: number) => void;
}

/**
 * Asks a KMS, and once more if the connection broke, the service failed or the credentials had gone
 * stale: all within the deadline.
 *
 * @returns the body of a 2xx answer, which may hold a secret and belongs to the caller.
 * @throws AgentError `kms_unwrap` or `kms_failed`, as the operation has it.
 */
export async function callKms(call: KmsCall): Promise<Buffer> {
  const leftMs = countdown(call.deadlineMs ?? KMS_DEADLINE_MS);
  const first = await attempt(call, leftMs());
  if (Buffer.isBuffer(first)) return first;
  const again = mayPass(first) && leftMs() > KMS_RETRY_PAUSE_MS;
  if (!again || call.signal.aborted) throw failure(call, first.problem);
  if (first.problem.kind === "unauthenticated") call.forget(first.startedMs);
  if (first.problem.kind === "unavailable") await pause(KMS_RETRY_PAUSE_MS);
  const second = await attempt(call, leftMs());
  if (Buffer.isBuffer(second)) return second;
  if (second.problem.kind === "unauthenticated") call.forget(second.startedMs);
  throw failure(call, second.problem);
}

interface Failed {
  /** By `monotonicMs()`. */
  readonly startedMs: number;
  readonly problem: Problem;
  readonly dropped: boolean;
}

async function attempt(call: KmsCall, deadlineMs: number): Promise<Buffer | Failed> {
  const startedMs = monotonicMs();
  const sent = await call.send({ signal: call.signal, deadlineMs });
  if (sent.kind === "failed") {
    return {
      startedMs,
      problem: { kind: "no_answer", detail: sent.problem },
      dropped: sent.failure === "dropped",
    };
  }
  if (sent.kind !== "answer") return { startedMs, problem: sent, dropped: false };
  if (sent.status >= 200 && sent.status < 300) return sent.bytes;
  return { startedMs, problem: withClock(call.judge(sent), sent.headers), dropped: false };
}

/** Credentials that are refused may be good, and the clock wrong: every answer says what time it is. */
function withClock(problem: Problem, headers: AnswerHeaders): Problem {
  const serviceMs = Date.parse(headers.get("date") ?? "");
  if (problem.kind !== "unauthenticated" || Number.isNaN(serviceMs)) return problem;
  return { ...problem, clockAheadMs: Date.now() - serviceMs };
}

function mayPass({ problem, dropped }: Failed): boolean {
  return dropped || problem.kind === "unavailable" || problem.kind === "unauthenticated";
}

function failure({ words, operation, keyId }: KmsCall, problem: Problem): Error {
  return kmsError(words, operation, keyId, problem);
}
