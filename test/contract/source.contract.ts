import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { ErrorCode } from "../../src/errors.ts";
import { ARTIFACT_MAX_BYTES } from "../../src/limits.ts";
import type { FetchAnswer, Source } from "../../src/source/source.ts";
import { coded } from "../support/errors.ts";
import { eventually } from "../support/temporary.ts";

/** What stands behind a source in this suite: something that holds an artifact and can fail. */
export interface Origin {
  readonly source: Source;
  /** A word that must never be seen: a credential in the source's address, where it has one. */
  readonly credential: string | undefined;
  /** From now on it holds these bytes. */
  holds(bytes: Uint8Array): Promise<void>;
  /** Bytes of artifacts that it has sent so far; null where nothing is sent. */
  readonly sentBytes: (() => number) | null;
  /** From now on it sends what it holds in pieces, over a good part of the deadline; null where it cannot. */
  readonly sendsSlowly: (() => Promise<void>) | null;
  /** From now on it redirects to another origin, which holds these bytes; null where it cannot. */
  readonly redirects: ((bytes: Uint8Array) => Promise<Elsewhere>) | null;
  /** From now on it fails in one of these ways; null where it cannot. */
  readonly failures: {
    /** There is no such artifact. */
    readonly notFound: () => Promise<void>;
    /** We may not have it. Gives a reason where that cannot be brought about here. */
    readonly forbidden: () => Promise<string | undefined>;
    /** The credentials are wrong. */
    readonly unauthorized: (() => Promise<void>) | null;
    readonly serverError: (() => Promise<void>) | null;
    /** Asks to wait for seven seconds. */
    readonly rateLimited: (() => Promise<void>) | null;
    /** Answers, but is never done. The deadline of the source under test must be short. */
    readonly hangs: (() => Promise<void>) | null;
    readonly cutShort: (() => Promise<void>) | null;
    /** Holds more than the cap, without saying so beforehand. */
    readonly tooLarge: () => Promise<void>;
  };
}

/** The origin that a redirect leads to. */
export interface Elsewhere {
  /** Everything it was sent: addresses and headers. */
  readonly seen: () => string;
}

export interface SourceUnderTest {
  readonly name: string;
  readonly type: Source["type"];
  /** Opens it on an origin of the test's own. */
  readonly open: (context: TestContext) => Promise<Origin>;
}

const never = new AbortController().signal;
const fetchFrom = ({ source }: Origin, etag?: string): Promise<FetchAnswer> =>
  source.fetch({ etag, signal: never });

async function bytesFrom(
  origin: Origin,
  etag?: string,
): Promise<Extract<FetchAnswer, { kind: "bytes" }>> {
  const answer = await fetchFrom(origin, etag);
  assert.ok(answer.kind === "bytes", "the source said that nothing changed");
  return answer;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const FIRST = Buffer.from('{"first":"é"}');
const SECOND = Buffer.from('{"second":2}');

/** What every source promises (src/source/source.ts). */
export function sourceContract({ name, type, open }: SourceUnderTest): void {
  describe(`the ${name} source`, () => {
    test("says what it is, without credentials", async (t) => {
      const { source, credential } = await open(t);
      assert.equal(source.type, type);
      assert.notEqual(source.description, "");
      assert.notEqual(source.cacheKey, "");
      if (credential === undefined) return;
      assert.ok(!source.description.includes(credential));
    });

    test("gives the bytes as they are", async (t) => {
      const origin = await open(t);
      for (const bytes of [
        FIRST,
        Buffer.alloc(0),
        Buffer.from([0, 0xff, 0x0a, 0x0d]),
        Buffer.alloc(300_000, 7),
      ]) {
        await origin.holds(bytes);
        const answer = await bytesFrom(origin);
        assert.ok(Buffer.from(answer.bytes).equals(bytes));
      }
    });

    test("knows again what it gave, and says so instead of giving it twice", async (t) => {
      const origin = await open(t);
      await origin.holds(FIRST);
      const { etag } = await bytesFrom(origin);
      assert.ok(etag !== undefined);
      assert.deepEqual(await fetchFrom(origin, etag), { kind: "unchanged" });
      assert.deepEqual(await fetchFrom(origin, etag), { kind: "unchanged" });
    });

    test("moves no artifact bytes while nothing changes", async (t) => {
      const origin = await open(t);
      if (origin.sentBytes === null) {
        t.skip(`the ${name} source sends nothing`);
        return;
      }
      await origin.holds(FIRST);
      const { etag } = await bytesFrom(origin);
      const before = origin.sentBytes();
      assert.ok(before >= FIRST.length);
      for (let poll = 0; poll < 3; poll++) {
        assert.deepEqual(await fetchFrom(origin, etag), { kind: "unchanged" });
      }
      assert.equal(origin.sentBytes(), before);
    });

    test("gives what changed, under another etag", async (t) => {
      const origin = await open(t);
      await origin.holds(FIRST);
      const { etag } = await bytesFrom(origin);
      await origin.holds(SECOND);
      const changed = await bytesFrom(origin, etag);
      assert.equal(textOf(changed.bytes), SECOND.toString());
      assert.notEqual(changed.etag, etag);
      await origin.holds(FIRST);
      assert.equal(textOf((await bytesFrom(origin, changed.etag)).bytes), FIRST.toString());
    });

    test("gives the bytes in any case when asked without an etag", async (t) => {
      const origin = await open(t);
      await origin.holds(FIRST);
      await bytesFrom(origin);
      assert.equal(textOf((await bytesFrom(origin)).bytes), FIRST.toString());
    });

    test("answers several at once", async (t) => {
      const origin = await open(t);
      await origin.holds(FIRST);
      const answers = await Promise.all(Array.from({ length: 8 }, () => bytesFrom(origin)));
      for (const { bytes } of answers) assert.equal(textOf(bytes), FIRST.toString());
    });

    test("takes an artifact of exactly the cap", async (t) => {
      const origin = await open(t);
      await origin.holds(Buffer.alloc(ARTIFACT_MAX_BYTES, 0x20));
      assert.equal((await bytesFrom(origin)).bytes.length, ARTIFACT_MAX_BYTES);
    });

    test("stops at the cap", async (t) => {
      const origin = await open(t);
      await origin.failures.tooLarge();
      await assert.rejects(fetchFrom(origin), refusal(origin, "source_too_large"));
    });

    test("says when there is no artifact, and finds it when it comes", async (t) => {
      const origin = await open(t);
      await origin.failures.notFound();
      await assert.rejects(fetchFrom(origin), refusal(origin, "source_not_found"));
      await origin.holds(FIRST);
      assert.equal(textOf((await bytesFrom(origin)).bytes), FIRST.toString());
    });

    test("says when it may not read", async (t) => {
      const origin = await open(t);
      const impossible = await origin.failures.forbidden();
      if (impossible !== undefined) {
        t.skip(impossible);
        return;
      }
      await assert.rejects(fetchFrom(origin), refusal(origin, "source_forbidden"));
    });

    const FAILURES = {
      unauthorized: "source_unauthorized",
      serverError: "source_server_error",
      hangs: "source_timeout",
      cutShort: "source_truncated",
    } as const;
    for (const [how, code] of Object.entries(FAILURES)) {
      test(`fails with ${code}, and recovers`, async (t) => {
        const origin = await open(t);
        const fail = origin.failures[how as keyof typeof FAILURES];
        if (fail === null) {
          t.skip(`the ${name} source cannot fail like this`);
          return;
        }
        await fail();
        await assert.rejects(fetchFrom(origin), refusal(origin, code));
        await origin.holds(FIRST);
        assert.equal(textOf((await bytesFrom(origin)).bytes), FIRST.toString());
      });
    }

    test("passes on how long it was asked to wait", async (t) => {
      const origin = await open(t);
      if (origin.failures.rateLimited === null) {
        t.skip(`the ${name} source is never asked to wait`);
        return;
      }
      await origin.failures.rateLimited();
      await assert.rejects(fetchFrom(origin), (error: { retryAfterMs?: number }) => {
        refusal(origin, "source_rate_limited")(error);
        assert.equal(error.retryAfterMs, 7_000);
        return true;
      });
    });

    test("takes what comes slowly but in time", async (t) => {
      const origin = await open(t);
      if (origin.sendsSlowly === null) {
        t.skip(`the ${name} source is never slow`);
        return;
      }
      await origin.holds(FIRST);
      await origin.sendsSlowly();
      assert.equal(textOf((await bytesFrom(origin)).bytes), FIRST.toString());
    });

    test("follows a redirect, and shows no credential to another origin", async (t) => {
      const origin = await open(t);
      if (origin.redirects === null) {
        t.skip(`the ${name} source is never redirected`);
        return;
      }
      const elsewhere = await origin.redirects(FIRST);
      assert.equal(textOf((await bytesFrom(origin)).bytes), FIRST.toString());
      assert.notEqual(elsewhere.seen(), "");
      const { credential } = origin;
      if (credential === undefined) return;
      assert.ok(!elsewhere.seen().includes(credential), elsewhere.seen());
      assert.doesNotMatch(elsewhere.seen(), /authorization|token/i);
    });

    test("lets go when it is told to stop", async (t) => {
      const origin = await open(t);
      if (origin.failures.hangs === null) {
        t.skip(`the ${name} source never hangs`);
        return;
      }
      await origin.failures.hangs();
      const stop = new AbortController();
      const fetched = origin.source.fetch({ etag: undefined, signal: stop.signal });
      stop.abort();
      await assert.rejects(fetched, refusal(origin, "source_unreachable"));
    });

    test("tells of a change where it can watch", async (t) => {
      const origin = await open(t);
      if (origin.source.watch === undefined) {
        t.skip(`the ${name} source cannot watch`);
        return;
      }
      await origin.holds(FIRST);
      const stop = new AbortController();
      t.after(() => stop.abort());
      let changes = 0;
      await origin.source.watch(() => changes++, stop.signal);
      await origin.holds(SECOND);
      await eventually("the change", () => changes > 0);
    });
  });
}

/** An AgentError with this code, an address and no credential. */
function refusal({ credential }: Origin, code: ErrorCode): (error: unknown) => true {
  return (error) => {
    coded(code)(error);
    if (credential !== undefined) assert.ok(!String(error).includes(credential), String(error));
    assert.equal((error as Error).cause, undefined);
    return true;
  };
}
