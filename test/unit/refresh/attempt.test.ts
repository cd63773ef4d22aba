import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { revocationMarker } from "../../../src/artifact/pack.ts";
import { NOTHING_ACCEPTED, remember } from "../../../src/artifact/trust.ts";
import { attempt, type AttemptInput, type Outcome } from "../../../src/refresh/attempt.ts";
import { AgentError } from "../../../src/errors.ts";
import { altered, pack } from "../../support/artifacts.ts";
import { newCachedStore } from "../../support/custody.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { RefusalMemory } from "../../../src/refresh/refusal-memory.ts";
import { ScriptedSource } from "../../support/scripted-source.ts";
import { ANYONE, SIGNED, verified } from "../../support/verified.ts";

const text = await pack();
const artifact = verified(text);

async function look(
  source: ScriptedSource,
  changes: Partial<AttemptInput> = {},
  refusals = new RefusalMemory(new FakeClock()),
): Promise<Outcome> {
  const input: AttemptInput = {
    policy: ANYONE,
    store: newCachedStore(new FakeClock()),
    memory: NOTHING_ACCEPTED,
    held: undefined,
    nowMs: Date.now,
    ...changes,
  };
  return attempt(source, input, refusals, AbortSignal.any([]));
}

function holding(contents: string, etag?: string): ScriptedSource {
  const source = new ScriptedSource();
  source.holds(contents, etag);
  return source;
}

describe("an attempt", () => {
  test("stages what is new, without serving it", async () => {
    const store = newCachedStore(new FakeClock());
    const outcome = await look(holding(text, "v1"), { store });
    assert.ok(outcome.kind === "staged");
    assert.equal(outcome.etag, "v1");
    assert.equal(outcome.staged.keyCount, 1);
    assert.equal(store.open(), "empty");
  });

  test("asks with the etag of what is held, and with none for nothing", async () => {
    const source = holding(text, "v1");
    await look(source);
    const outcome = await look(source, { held: { artifact, etag: "v1" } });
    assert.equal(outcome.kind, "unchanged");
    assert.deepEqual(
      source.requests.map(({ etag }) => etag),
      [undefined, "v1"],
    );
  });

  test("finds the same bytes unchanged without decrypting them again", async () => {
    const store = { ...newCachedStore(new FakeClock()), stage: () => assert.fail("it decrypted") };
    const outcome = await look(holding(text, "v2"), { store, held: { artifact, etag: "v1" } });
    assert.equal(outcome.kind, "unchanged");
  });

  test("finds the same bytes expired when they have expired", async () => {
    const expiring = await pack({ ttlMs: 1_000, nowMs: 0 });
    const held = { artifact: verified(expiring, { nowMs: 0 }), etag: undefined };
    assert.equal((await look(holding(expiring), { held })).kind, "expired");
  });

  test("does not believe in 'unchanged' when nothing is held", async () => {
    const outcome = await look(new ScriptedSource());
    assert.ok(outcome.kind === "fetch_failed");
    assert.equal(outcome.error.code, "source_unexpected_answer");
  });

  test("passes on why the source failed, and how long it asks to wait", async () => {
    const source = new ScriptedSource();
    source.fails(new AgentError("source_rate_limited", "slow down", { retryAfterMs: 7 }));
    const outcome = await look(source);
    assert.ok(outcome.kind === "fetch_failed");
    assert.equal(outcome.error.retryAfterMs, 7);
  });

  test("survives a source that throws something else", async () => {
    const source = new ScriptedSource();
    source.fails(new TypeError("sk_alpha_inside"));
    const outcome = await look(source);
    assert.ok(outcome.kind === "fetch_failed");
    assert.equal(outcome.error.code, "source_unreachable");
    assert.doesNotMatch(outcome.error.message, /sk_alpha_inside/);
  });

  test("tells a marker, an expired artifact and a wrong one apart", async () => {
    const who = { identity: "a", environment: "b", revision: undefined };
    assert.equal((await look(holding(revocationMarker(who, 0)))).kind, "revoked");
    assert.equal((await look(holding(await pack({ ttlMs: 1, nowMs: 0 })))).kind, "expired");
    assert.equal((await look(holding(altered(text, { ciphertext: "AAAA" })))).kind, "invalid");
  });

  test("finds invalid what cannot be decrypted or is no payload", async () => {
    const other = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    const cases = {
      decrypt: await pack({ recipients: [other] }),
      payload_parse: await pack({ payload: "hello" }),
      payload_shape: await pack({ payload: '{"A":1}' }),
    };
    for (const [code, contents] of Object.entries(cases)) {
      const outcome = await look(holding(contents));
      assert.ok(outcome.kind === "invalid");
      assert.equal(outcome.error.code, code);
    }
  });

  test("refuses the same bytes again without a second look", async () => {
    const refusals = new RefusalMemory(new FakeClock());
    const source = holding(await pack({ payload: '{"A":1}' }));
    const first = await look(source, {}, refusals);
    const store = { ...newCachedStore(new FakeClock()), stage: () => assert.fail("it decrypted") };
    assert.deepEqual(await look(source, { store }, refusals), first);
    source.holds(text);
    assert.equal((await look(source, {}, refusals)).kind, "staged");
  });

  test("looks again at what was refused for its age, as trust may change", async () => {
    const refusals = new RefusalMemory(new FakeClock());
    const newer = await pack({ signed: true, nowMs: Date.now() + 60_000 });
    const memory = remember(NOTHING_ACCEPTED, verified(newer, { policy: SIGNED }));
    const source = holding(await pack({ signed: true }));
    const refused = await look(source, { policy: SIGNED, memory }, refusals);
    assert.ok(refused.kind === "invalid" && refused.error.code === "rollback");
    assert.equal((await look(source, { policy: SIGNED }, refusals)).kind, "staged");
  });

  test("looks again at what needs a KMS, which may answer otherwise", async () => {
    const refusals = new RefusalMemory(new FakeClock());
    const source = holding(envelopeArtifact);
    const failing = {
      ...newCachedStore(new FakeClock()),
      stage: () => Promise.reject(new AgentError("decrypt", "its data key does not open it")),
    };
    assert.equal((await look(source, { store: failing }, refusals)).kind, "invalid");
    const staged = { keyCount: 1, commit: () => undefined, discard: () => undefined };
    const store = { ...failing, stage: () => Promise.resolve(staged) };
    assert.equal((await look(source, { store }, refusals)).kind, "staged");
  });
});

const envelopeArtifact = altered(text, {
  envelope: {
    provider: "aws",
    keyId: "key",
    wrappedKey: "AAAA",
    algorithm: "SYMMETRIC_DEFAULT",
    iv: "A".repeat(16),
    authTag: `${"A".repeat(22)}==`,
  },
});
