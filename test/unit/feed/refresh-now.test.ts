import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { revocationMarker } from "../../../src/artifact/pack.ts";
import { AgentError } from "../../../src/errors.ts";
import { RefreshNow } from "../../../src/feed/refresh-now.ts";
import { FETCH_DEADLINE_MS } from "../../../src/limits.ts";
import { pack } from "../../support/artifacts.ts";
import type { ScriptedSource } from "../../support/scripted-source.ts";
import { refreshing } from "../../support/refreshing.ts";

const whom = { identity: "api-gateway", environment: "production", revision: undefined };

/** From now on the source does not answer. @returns what lets it fail at last. */
function hang(source: ScriptedSource): () => void {
  const answer = Promise.withResolvers<never>();
  source.answers(() => answer.promise);
  return () => answer.reject(new AgentError("source_timeout", "no answer"));
}

describe("a look at the source that a client asks for", () => {
  test("says what became of it, by every outcome", async (t) => {
    const parts = refreshing(t);
    const now = new RefreshNow(parts);
    const { source, clock } = parts;
    const nowMs = clock.now().wallMs;
    const look = async (): Promise<unknown> => {
      await clock.advance(2_000);
      const result = await now.refresh();
      return result.kind === "looked" ? [result.outcome, result.reason] : result;
    };
    source.fails(new AgentError("source_not_found", "/x does not exist"));
    assert.deepEqual(await look(), ["failed", "source_not_found"]);
    source.holds("{}");
    assert.deepEqual(await look(), ["invalid", "missing_fields"]);
    source.holds(await pack({ secrets: { KEY: "old" }, nowMs, ttlMs: 1 }), "v1");
    assert.deepEqual(await look(), ["expired", "expired"]);
    source.holds(await pack({ secrets: { KEY: "new" }, nowMs }), "v2");
    assert.deepEqual(await look(), ["refreshed", null]);
    assert.deepEqual(await look(), ["unchanged", null]);
    source.holds(revocationMarker(whom, nowMs));
    assert.deepEqual(await look(), ["revoked", null]);
  });

  test("is refused within a second after the last one ended", async (t) => {
    const parts = refreshing(t);
    const now = new RefreshNow(parts);
    parts.source.holds(await pack({}), "v1");
    assert.equal((await now.refresh()).kind, "looked");
    await parts.clock.advance(400);
    assert.deepEqual(await now.refresh(), { kind: "too_soon", retryAfterMs: 600 });
    await parts.clock.advance(600);
    assert.equal((await now.refresh()).kind, "looked");
  });

  test("is refused for as long as the source asked to wait", async (t) => {
    const parts = refreshing(t);
    const now = new RefreshNow(parts);
    parts.source.fails(
      new AgentError("source_rate_limited", "too often", { retryAfterMs: 90_000 }),
    );
    await now.refresh();
    await parts.clock.advance(30_000);
    assert.deepEqual(await now.refresh(), { kind: "too_soon", retryAfterMs: 60_000 });
  });

  test("joins the one that is under way", async (t) => {
    const parts = refreshing(t);
    const now = new RefreshNow(parts);
    const release = hang(parts.source);
    const both = [now.refresh(), now.refresh()];
    release();
    const outcomes = await Promise.all(both);
    assert.deepEqual(outcomes[0], outcomes[1]);
    assert.equal(parts.source.requests.length, 1);
  });

  test("that takes longer than a fetch may is told as failed", async (t) => {
    const parts = refreshing(t);
    const now = new RefreshNow(parts);
    const release = hang(parts.source);
    const asked = now.refresh();
    await parts.clock.advance(FETCH_DEADLINE_MS);
    assert.deepEqual(await asked, { kind: "looked", outcome: "failed", reason: "source_timeout" });
    release();
  });
});
