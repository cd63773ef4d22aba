import { Agent, type IncomingMessage, request } from "node:http";
import { ClientError, type ClientErrorCode } from "./error.ts";
import type { Settings } from "./settings.ts";

export interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly head: Pick<IncomingMessage, "statusCode" | "headers">;
  readonly body: Buffer;
}

/** An artifact has at most 16 MiB, and flat names can make more of it. */
const ANSWER_MAX_BYTES = 64 << 20;

/**
 * Of its own and with no proxy, since no variable of the environment may send the token elsewhere. Deno does not
 * let go of a connection that is used again when its request is given up.
 */
const agent = new Agent({ keepAlive: process.versions["deno"] === undefined, proxyEnv: {} });

/**
 * One request and its whole answer, whatever its status.
 *
 * @throws ClientError `unreachable`, `timeout`, `aborted` or `unexpected_answer`.
 */
export function exchange(
  { address, where }: Settings,
  question: Question,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const outgoing = request({ ...question, ...address, agent });
  let fail: (code: ClientErrorCode, what: string, options?: ErrorOptions) => void;
  const giveUp = (code: ClientErrorCode, what: string): void => {
    // Not every runtime tells of it afterwards.
    fail(code, what, { cause: signal?.reason });
    outgoing.destroy();
  };
  const onAbort = (): void => giveUp("aborted", "was given up");
  const timer = setTimeout(() => giveUp("timeout", "is too slow"), timeoutMs);
  signal?.addEventListener("abort", onAbort);

  return new Promise<Answer>((resolve, reject) => {
    fail = (code, what, options) =>
      reject(new ClientError(code, `the agent at ${where} ${what}`, options));
    const lost = (cause: unknown = "hung up"): void =>
      fail("unreachable", `cannot be reached: ${String(cause)}`, { cause });
    outgoing.on("response", (incoming) => {
      const chunks: Buffer[] = [];
      let room = ANSWER_MAX_BYTES;
      incoming.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        room -= chunk.length;
        if (room < 0) giveUp("unexpected_answer", "sent too much");
      });
      incoming.on("end", () => resolve({ head: incoming, body: Buffer.concat(chunks) }));
      incoming.on("error", lost).on("close", lost);
    });
    outgoing.on("error", lost).on("close", lost).end();
    if (signal?.aborted) onAbort();
  }).finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  });
}
