import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { callKms, type KmsCall } from "../../../src/kms/call.ts";
import { kmsError, type Problem } from "../../../src/kms/problem.ts";
import { exchange } from "../../../src/net/exchange.ts";
import { monotonicMs } from "../../../src/system/monotonic.ts";
import { coded } from "../../support/errors.ts";
import { opened, portOf } from "../../support/names-here.ts";
import { DIRECT } from "../../support/network.ts";

const WORDS = {
  name: "Some KMS",
  permissions: { unwrap: "kms:unwrap" },
  credentials: "give it credentials",
  keys: "a good key",
};

const CALL: Omit<KmsCall, "send"> = {
  words: WORDS,
  operation: "unwrap",
  keyId: "key-1",
  signal: new AbortController().signal,
  judge: ({ status }) => ({ kind: "unavailable", status, code: undefined }),
  forget: () => undefined,
};

/** A call to a server of which each answer takes so long, in milliseconds. */
async function callTo(
  t: TestContext,
  delays: readonly (readonly [ms: number, status: number])[],
): Promise<KmsCall> {
  const left = [...delays];
  const server = createServer((_, response) => {
    const [ms, status] = left.shift() ?? [0, 200];
    setTimeout(() => response.writeHead(status).end("done"), ms);
  });
  const url = new URL(`http://127.0.0.1:${portOf(await opened(t, server))}/`);
  return {
    ...CALL,
    send: (patience) =>
      exchange({
        network: DIRECT,
        method: "POST",
        url,
        headers: {},
        redirects: "return",
        ...patience,
      }),
  };
}

test("the deadline holds for both attempts together", async (t) => {
  const call = await callTo(t, [
    [250, 503],
    [5_000, 200],
  ]);
  const startedMs = performance.now();
  await assert.rejects(
    callKms({ ...call, deadlineMs: 700 }),
    coded("kms_unwrap", /did not answer/),
  );
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs >= 600 && tookMs < 2_500, `${tookMs} ms`);
});

test("nothing is tried again once there is no time for it", async (t) => {
  const call = await callTo(t, [
    [250, 503],
    [0, 200],
  ]);
  await assert.rejects(callKms({ ...call, deadlineMs: 400 }), coded("kms_unwrap", /503/));
});

test("what cannot be reached is left to the next poll", async () => {
  let attempts = 0;
  const send: KmsCall["send"] = async (patience) => {
    attempts++;
    const url = new URL("http://127.0.0.1:1/");
    return exchange({
      network: DIRECT,
      method: "POST",
      url,
      headers: {},
      redirects: "return",
      ...patience,
    });
  };
  await assert.rejects(callKms({ ...CALL, send }), coded("kms_unwrap", /cannot be reached/));
  assert.equal(attempts, 1);
});

test("every problem is one line that names the KMS, the key and what to do", async () => {
  const problems: readonly (readonly [Problem, RegExp])[] = [
    [{ kind: "bad_key_name", expected: "like-this" }, /like-this.*nothing was sent/],
    [{ kind: "no_credentials" }, /give it credentials/],
    [{ kind: "no_credentials", detail: "AWS_PROFILE names no profile" }, /AWS_PROFILE/],
    [{ kind: "unauthenticated" }, /does not accept these credentials.*give it credentials/],
    [{ kind: "unauthenticated", clockAheadMs: -299_000 }, /perhaps because they expired/],
    [{ kind: "unauthenticated", clockAheadMs: -720_000 }, /clock .* 12 minutes behind.*set the/],
    [{ kind: "unauthenticated", clockAheadMs: 360_000 }, /6 minutes ahead/],
    [{ kind: "denied" }, /permission denied; allow kms:unwrap/],
    [{ kind: "not_found" }, /no such key/],
    [{ kind: "disabled" }, /enable it/],
    [{ kind: "unfit" }, /use a good key/],
    [{ kind: "foreign" }, /pack it again/],
    [{ kind: "throttled", retryAfterMs: 7_000 }, /CLEF_AGENT_CACHE_TTL/],
    [{ kind: "unavailable", status: 500, code: "Sorry" }, /500 \(Sorry\)/],
    [{ kind: "unavailable", status: 500, code: "a <b>sentence</b>\n" }, /answered 500;/],
    [{ kind: "no_answer", detail: "https://kms/ cannot be reached" }, /https:\/\/kms\//],
    [{ kind: "unexpected", detail: "it answered 418" }, /418/],
  ];
  for (const [problem, message] of problems) {
    const failing = callKms({ ...CALL, deadlineMs: 1, send: async () => problem });
    await assert.rejects(failing, (error: Error & { retryAfterMs?: number }) => {
      coded("kms_unwrap", message)(error);
      assert.match(error.message, /^Some KMS did not unwrap the data key with key-1: /);
      assert.equal(error.retryAfterMs, problem.kind === "throttled" ? 7_000 : undefined);
      return true;
    });
  }
});

test("credentials that were not accepted twice are dropped twice", async () => {
  const used: number[] = [];
  const sent: number[] = [];
  const send: KmsCall["send"] = async () => {
    sent.push(monotonicMs());
    return { kind: "unauthenticated" };
  };
  const forget = (usedMs: number): void => void used.push(usedMs);
  await assert.rejects(callKms({ ...CALL, send, forget }), coded("kms_unwrap"));
  const [first = 0, second = 0] = used;
  assert.equal(used.length, 2);
  assert.ok(first <= (sent[0] ?? 0) && second > first && second <= (sent[1] ?? 0));
});

test("a clock that is wrong is named, as the KMS's own answer tells the time", async (t) => {
  const server = createServer((_, response) => {
    const date = new Date(Date.now() - 20 * 60 * 1000).toUTCString();
    response.writeHead(401, { date }).end();
  });
  const url = new URL(`http://127.0.0.1:${portOf(await opened(t, server))}/`);
  const send: KmsCall["send"] = (patience) =>
    exchange({
      network: DIRECT,
      method: "POST",
      url,
      headers: {},
      redirects: "return",
      ...patience,
    });
  const judge: KmsCall["judge"] = () => ({ kind: "unauthenticated" });
  await assert.rejects(
    callKms({ ...CALL, send, judge }),
    coded("kms_unwrap", /does not accept.*clock of this machine is 20 minutes ahead/),
  );
});

test("a KMS that cannot make anything of a data key to wrap is not told of a wrapped one", () => {
  const error = kmsError(WORDS, "wrap", "key-1", { kind: "foreign" });
  assert.match(error.message, /^Some KMS did not wrap a data key.*use a good key$/);
});
