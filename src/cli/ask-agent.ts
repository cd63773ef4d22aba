import http from "node:http";
import { AgentError, type OperationCode, systemCode } from "../errors.ts";
import { monotonicMs } from "../system/monotonic.ts";
import type { AgentAddress } from "./agent-address.ts";

export interface Question {
  readonly address: AgentAddress;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Of the error when it is not. */
  readonly code: OperationCode;
}

export interface AgentAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/**
 * Asks an agent on this machine, on a connection of its own: never through a proxy, whatever the
 * environment says, since the token would go with it.
 *
 * @throws AgentError `question.code` if there is no answer in time.
 */
export function askAgent(question: Question): Promise<AgentAnswer> {
  return ask(question, monotonicMs() + question.timeoutMs);
}

function ask(question: Question, deadline: number): Promise<AgentAnswer> {
  const { address, method, path, code } = question;
  const leftMs = Math.max(1, deadline - monotonicMs());
  return new Promise((resolve, reject) => {
    const fail = (problem: string): void =>
      reject(
        new AgentError(
          code,
          `the agent on ${address.name} ${problem}; is it running, and is ${address.variable} the same?`,
        ),
      );
    const outgoing = http.request(
      { ...address.connect, method, path, headers: question.headers, agent: false },
      (incoming) => {
        let body = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (chunk: string) => (body += chunk));
        incoming.on("error", () => fail("broke off its answer"));
        incoming.on("end", () => {
          clearTimeout(timer);
          const { statusCode = 0, headers } = incoming;
          resolve({ status: statusCode, retryAfter: headers["retry-after"], body });
        });
      },
    );
    const timer = setTimeout(() => {
      fail(`did not answer within ${question.timeoutMs} ms`);
      outgoing.destroy();
    }, leftMs);
    outgoing.on("error", (error) => {
      clearTimeout(timer);
      const problem = systemCode(error) ?? "?";
      // In a flood of connections this one had to make room before it was heard; the next may not.
      const again = problem === "ECONNRESET" && monotonicMs() < deadline;
      if (again) resolve(ask(question, deadline));
      else fail(`cannot be reached (${problem})`);
    });
    outgoing.end();
  });
}
