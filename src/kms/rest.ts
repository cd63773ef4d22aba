import { errorName } from "../system/error-name.ts";
import { KMS_ANSWER_MAX_BYTES } from "../limits.ts";
import type { Trouble } from "../net/credential-client.ts";
import type { Network } from "../net/network.ts";
import { secretExchange } from "../net/secret-exchange.ts";
import { countdown } from "../system/countdown.ts";
import { settledWithin } from "../system/settled-within.ts";
import { callKms, type KmsCall, type Patience } from "./call.ts";
import type { Problem } from "./problem.ts";

export interface RestCall extends Omit<KmsCall, "send"> {
  readonly network: Network;
  readonly url: URL;
  readonly body: Buffer<ArrayBuffer> | string;
  /** The headers that carry a token; throws whatever the provider's library throws. */
  readonly authorize: () => Promise<Readonly<Record<string, string>>>;
  /** What was in the way of the token, where it is a proxy or a certificate. */
  readonly trouble: () => Trouble | undefined;
}

/** Asks a KMS that takes JSON and a bearer token; otherwise as `callKms`. */
export function callWithToken({
  network,
  url,
  body,
  authorize,
  trouble,
  ...call
}: RestCall): Promise<Buffer> {
  return callKms({
    ...call,
    async send({ signal, deadlineMs }) {
      const leftMs = countdown(deadlineMs);
      const credentials = await authorized(authorize(), { signal, deadlineMs });
      if (credentials.kind !== "headers") {
        const inTheWay = trouble();
        if (inTheWay === undefined) return credentials;
        return { kind: "no_credentials", detail: `no credentials came: ${inTheWay.problem}` };
      }
      return secretExchange({
        network,
        method: "POST",
        url,
        headers: { ...credentials.headers, "content-type": "application/json" },
        body,
        maxBytes: KMS_ANSWER_MAX_BYTES,
        signal,
        deadlineMs: leftMs(),
      });
    },
  });
}

type Headers = Readonly<Record<string, string>>;
type Authorized =
  | { readonly kind: "headers"; readonly headers: Headers }
  | Extract<Problem, { kind: "no_credentials" | "no_answer" }>;

/** The library's messages are not passed on: they can quote what they were given. */
async function authorized(lookup: Promise<Headers>, patience: Patience): Promise<Authorized> {
  const found = lookup.then(
    (headers): Authorized => ({ kind: "headers", headers }),
    (thrown: unknown): Authorized => {
      const reason = errorName(thrown);
      return { kind: "no_credentials", ...(reason === undefined ? {} : { reason }) };
    },
  );
  const late: Authorized = { kind: "no_answer", detail: "its credentials did not come in time" };
  return (await settledWithin(found, patience.signal, patience.deadlineMs)) ?? late;
}
