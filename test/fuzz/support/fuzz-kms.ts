import assert from "node:assert/strict";
import { AgentError } from "../../../src/errors.ts";
import type { Kms } from "../../../src/kms/kms.ts";
import type { Answers } from "./raw-answers.ts";

/** The libraries of the clouds ask a service that failed again and again, for seconds. */
const PATIENCE_MS = 2_000;

type Variables = Readonly<Record<string, string>>;

/** A cloud's client as it is, and the server that answers it. */
export interface FuzzedKms {
  readonly services: Answers;
  readonly open: (signal: AbortSignal) => Kms;
  readonly key: string;
  readonly dataKey: Buffer;
  readonly env: Variables;
  /** Where credentials come from, by the first byte of the input; a capital wraps instead. */
  readonly identities: ReadonlyMap<string, Variables>;
  /** For what begins with none of them. */
  readonly usual: string;
  /** What is given as credentials, and must stand in no message. */
  readonly credentials: readonly string[];
}

/** Wraps or unwraps a data key with the answers of the input: it is done, or says in one line why not. */
export async function fuzzKms(input: Buffer, fuzzed: FuzzedKms): Promise<void> {
  const { services, open, key, dataKey, env, identities, usual, credentials } = fuzzed;
  const letter = input.toString("latin1", 0, 1);
  const identity = identities.get(letter.toLowerCase()) ?? identities.get(usual);
  const before = process.env;
  process.env = { HOME: "/nonexistent", ...env, ...identity };
  services.begin(input.subarray(1));
  const wraps = letter !== letter.toLowerCase();
  try {
    const kms = open(AbortSignal.timeout(PATIENCE_MS));
    if (wraps) assert.equal((await kms.wrap(key, dataKey)).keyId, key);
    else assert.ok(Buffer.isBuffer(await kms.unwrap(key, Buffer.from("wrapped"))));
  } catch (thrown) {
    if (!(thrown instanceof AgentError)) throw thrown;
    assert.equal(thrown.code, wraps ? "kms_failed" : "kms_unwrap");
    assert.ok(!/[\n\r]/.test(thrown.message));
    for (const credential of credentials) {
      assert.ok(!thrown.message.includes(credential), "a credential is in the message");
    }
  } finally {
    process.env = before;
  }
}
