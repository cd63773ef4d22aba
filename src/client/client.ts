import type { Client, RefreshResult, Secrets } from "./api.ts";
import { again } from "./again.ts";
import { ClientError } from "./error.ts";
import type { Answer } from "./exchange.ts";
import { follow } from "./follow.ts";
import { isObject, jsonIn } from "./problem.ts";
import { requestsTo } from "./requests.ts";
import { type ConnectOptions, settingsOf } from "./settings.ts";

/**
 * The agent that `CLEF_AGENT_SOCKET`, or `CLEF_AGENT_URL` with `CLEF_AGENT_TOKEN` or `CLEF_AGENT_TOKEN_FILE`,
 * leads to; options go before variables.
 *
 * @example
 * const agent = connect();
 * await agent.ready();
 * const url = await agent.get("app__DB_URL");
 *
 * @throws ClientError `config_invalid` where an option or a variable cannot be used.
 */
export function connect(options: ConnectOptions = {}): Client {
  const requests = requestsTo(settingsOf(options));
  return {
    async get(name, { signal } = {}) {
      // The path without a name gives all of them, and no name has a NUL.
      const encoded = encodeURIComponent(name.toWellFormed()) || "%00";
      const path = `/v1/secrets/${encoded}`;
      return checked(isValue, await requests.get(path, signal)).value;
    },
    async getAll({ signal } = {}) {
      return checked(isSecrets, await requests.get(FLAT, signal));
    },
    async keys({ signal } = {}) {
      return checked(isKeys, await requests.get("/v1/keys", signal));
    },
    async ready({ timeoutMs = 60_000, signal } = {}) {
      const ask = (): Promise<Answer> =>
        requests.once("GET", "/v1/ready", signal, {}, Math.min(timeoutMs + 1_000, 5_000));
      await again(ask, timeoutMs, ({ code }) => code !== "aborted", signal);
    },
    async refresh({ signal } = {}) {
      return checked(isResult, (await requests.once("POST", "/v1/refresh", signal)).body);
    },
    async *watch(watching = {}) {
      let seen: Buffer | undefined;
      for await (const body of follow(requests, FLAT, watching)) {
        // Another tag may be of the same secrets, packed again or served by an agent that has started again.
        if (seen?.equals(body)) continue;
        seen = body;
        yield checked(isSecrets, body);
      }
    },
  };
}

const FLAT = "/v1/secrets?format=flat";

function checked<Value>(isRight: (value: unknown) => value is Value, body: Buffer): Value {
  const value = jsonIn(body);
  if (isRight(value)) return value;
  throw new ClientError("unexpected_answer", "what answers is no agent");
}

function isValue(value: unknown): value is { readonly value: string } {
  return isObject(value) && isText(value["value"]);
}

function isResult(value: unknown): value is RefreshResult {
  return isObject(value) && isText(value["outcome"]);
}

function isSecrets(value: unknown): value is Secrets {
  return isObject(value) && Object.values(value).every(isText);
}

function isKeys(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
