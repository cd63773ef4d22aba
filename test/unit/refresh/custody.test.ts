import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { revocationMarker } from "../../../src/artifact/pack.ts";
import { AgentError } from "../../../src/errors.ts";
import { noCache } from "../../../src/store/artifact-cache.ts";
import { altered, pack } from "../../support/artifacts.ts";
import { inCustody, TTL_MS } from "../../support/custody.ts";
import { heldBy, isZero } from "../../support/snapshots.ts";
import { SIGNED } from "../../support/verified.ts";

const NOW = Date.UTC(2026, 5, 1);
const who = { identity: "api-gateway", environment: "production", revision: undefined };
const MARKER = revocationMarker(who, NOW);
const one = await pack({ secrets: { KEY: "one" }, nowMs: NOW, signed: true });
const two = await pack({ secrets: { KEY: "two" }, nowMs: NOW + 1, signed: true });
const brief = await pack({ secrets: { KEY: "brief" }, nowMs: NOW, ttlMs: 60_000, signed: true });
const UNREACHABLE = new AgentError("source_unreachable", "no route");

describe("what is served", () => {
  test("is nothing at first", () => {
    const { custody, served } = inCustody();
    assert.equal(served(), undefined);
    assert.deepEqual(custody.status(), {
      freshness: "not_loaded",
      revision: null,
      lastRefreshAt: null,
      ageSeconds: null,
      dataFrom: null,
      consecutiveFailures: 0,
      lastFailure: null,
    });
  });

  test("is the newest artifact that was accepted", async () => {
    const { source, look, served, custody, told, recorded } = inCustody();
    source.holds(one);
    await look();
    assert.equal(served(), '{"KEY":"one"}');
    source.holds(two);
    await look();
    assert.equal(served(), '{"KEY":"two"}');
    assert.equal(custody.status().lastRefreshAt, NOW);
    assert.equal(custody.status().dataFrom, "origin");
    assert.deepEqual(
      told.map((change) => [change.kind, change.kind === "serving" && change.from]),
      [
        ["serving", "origin"],
        ["serving", "origin"],
      ],
    );
    assert.deepEqual(recorded.events(), ["artifact.refreshed", "artifact.refreshed"]);
  });

  test("is on disk before any reader sees it, so that no restart goes back behind it", async () => {
    const seen: (string | undefined)[] = [];
    const keep = async (): Promise<void> => void seen.push(served());
    const { source, look, served } = inCustody({ cache: { ...noCache, keep } });
    for (const artifact of [one, two]) {
      source.holds(artifact);
      await look();
    }
    assert.deepEqual(seen, [undefined, '{"KEY":"one"}']);
  });

  test("stays when the source fails or holds something wrong", async () => {
    const { source, look, served, custody, recorded } = inCustody({ policy: SIGNED });
    source.holds(two);
    await look();
    for (const change of [
      () => source.fails(UNREACHABLE),
      () => source.holds("<html>"),
      () => source.holds(altered(two, { signature: undefined })),
      () => source.holds(one),
      () => source.holds(altered(two, { expiresAt: "2999-01-01" })),
    ]) {
      change();
      await look();
      assert.equal(served(), '{"KEY":"two"}');
    }
    assert.equal(custody.status().consecutiveFailures, 5);
    const reasons = recorded.lines.flatMap(({ reason }) => reason ?? []);
    assert.deepEqual(reasons, ["json_parse", "signature_missing", "rollback", "signature_invalid"]);
  });

  test("counts failures only until the next success", async () => {
    const { source, look, custody } = inCustody();
    source.fails(UNREACHABLE);
    await look();
    await look();
    assert.equal(custody.status().lastFailure, "source_unreachable");
    source.holds(one);
    await look();
    assert.equal(custody.failures, 0);
    assert.equal(custody.status().lastFailure, null);
  });
});

describe("the TTL", () => {
  test("wipes the plaintext when it is over, and says so once", async () => {
    const { source, look, served, store, clock, custody, recorded } = inCustody();
    source.holds(one);
    await look();
    const bytes = heldBy(store)?.nested;
    await clock.advance(TTL_MS - 1);
    assert.equal(served(), '{"KEY":"one"}');
    await clock.advance(1);
    assert.equal(custody.freshness().kind, "cache_expired");
    assert.ok(bytes !== undefined && isZero(bytes));
    assert.equal(store.open(), "empty");
    assert.equal(custody.status().dataFrom, null);
    assert.deepEqual(recorded.events(), ["artifact.refreshed", "cache.expired"]);
  });

  test("starts again only with a success", async () => {
    const { source, look, served, clock } = inCustody();
    source.holds(one, "v1");
    await look();
    await clock.advance(TTL_MS - 1_000);
    source.fails(UNREACHABLE);
    await look();
    source.holds("nonsense");
    await look();
    await clock.advance(1_000);
    assert.equal(served(), undefined);
    source.holds(one, "v1");
    await look();
    assert.equal(served(), '{"KEY":"one"}');
    await clock.advance(TTL_MS - 1_000);
    await look();
    await clock.advance(TTL_MS - 1_000);
    assert.equal(served(), '{"KEY":"one"}');
  });

  test("counts while the machine sleeps, and ignores a clock set back", async () => {
    for (const disturb of ["suspend", "jumpWall"] as const) {
      const { source, look, served, clock } = inCustody();
      source.holds(one);
      await look();
      clock[disturb](disturb === "suspend" ? TTL_MS : -TTL_MS);
      if (disturb === "jumpWall") await clock.advance(TTL_MS);
      assert.equal(served(), undefined, disturb);
    }
  });
});

test("secrets that ran out while the source was asked are fetched again", async () => {
  const { source, look, served, clock, custody } = inCustody();
  source.holds(one, "v1");
  await look();
  source.answers(async ({ etag }) => {
    await clock.advance(TTL_MS);
    assert.ok(etag === undefined || custody.freshness().kind === "cache_expired");
    return etag === "v1"
      ? { kind: "unchanged" }
      : { kind: "bytes", bytes: Buffer.from(one), etag: "v1" };
  });
  await look();
  assert.equal(served(), '{"KEY":"one"}');
  assert.deepEqual(
    source.requests.map(({ etag }) => etag),
    [undefined, "v1", undefined],
  );
});

describe("an artifact's expiry", () => {
  test("wipes it at its instant though the TTL has time left", async () => {
    const { source, look, served, clock, recorded, custody } = inCustody();
    source.holds(brief);
    await look();
    await clock.advance(59_999);
    assert.equal(served(), '{"KEY":"brief"}');
    await clock.advance(1);
    assert.equal(served(), undefined);
    assert.equal(custody.freshness().kind, "artifact_expired");
    assert.deepEqual(recorded.events(), ["artifact.refreshed", "artifact.expired"]);
  });

  test("is told once, however often the source is asked for it", async () => {
    const { source, look, clock, recorded } = inCustody();
    source.holds(brief);
    await look();
    await clock.advance(60_000);
    for (let times = 0; times < 3; times++) await look();
    assert.deepEqual(recorded.events(), ["artifact.refreshed", "artifact.expired"]);
  });

  test("of what the source holds does not touch the better one that is served", async () => {
    const { source, look, served, recorded } = inCustody();
    source.holds(one);
    await look();
    source.holds(await pack({ nowMs: NOW - 1_000, ttlMs: 500 }));
    await look();
    await look();
    assert.equal(served(), '{"KEY":"one"}');
    assert.doesNotMatch(recorded.messages("warn").join("\n"), /secrets wiped/);
  });

  test("ends when a new artifact comes", async () => {
    const { source, look, served, clock } = inCustody({ policy: SIGNED });
    source.holds(brief);
    await look();
    await clock.advance(60_000);
    source.holds(two);
    await look();
    assert.equal(served(), '{"KEY":"two"}');
  });
});

describe("a revocation", () => {
  test("wipes at once, signed or not, and is told once", async () => {
    const { source, look, served, store, recorded, custody } = inCustody({ policy: SIGNED });
    source.holds(one);
    await look();
    const bytes = heldBy(store)?.nested;
    source.holds(MARKER);
    await look();
    await look();
    assert.equal(served(), undefined);
    assert.ok(bytes !== undefined && isZero(bytes));
    assert.equal(custody.freshness().kind, "revoked");
    assert.equal(custody.failures, 0);
    assert.deepEqual(recorded.events(), ["artifact.refreshed", "artifact.revoked"]);
  });

  test("lasts until a new artifact, and the revoked one does not come back", async () => {
    const { source, look, served, custody } = inCustody({ policy: SIGNED });
    source.holds(one);
    await look();
    source.holds(MARKER);
    await look();
    source.holds(one);
    await look();
    assert.equal(custody.freshness().kind, "revoked");
    source.fails(UNREACHABLE);
    await look();
    assert.equal(custody.freshness().kind, "revoked");
    source.holds(two);
    await look();
    assert.equal(served(), '{"KEY":"two"}');
  });

  test("is undone by the same artifact where no verify key is set, with a warning", async () => {
    const { source, look, served, recorded } = inCustody();
    source.holds(one);
    await look();
    source.holds(MARKER);
    await look();
    source.holds(one);
    await look();
    assert.equal(served(), '{"KEY":"one"}');
    assert.match(recorded.messages("warn").at(-1) ?? "", /was revoked/);
  });

  test("for someone else changes nothing", async () => {
    const policy = { ...SIGNED, identity: "api-gateway" };
    const { source, look, served } = inCustody({ policy });
    source.holds(one);
    await look();
    source.holds(revocationMarker({ ...who, identity: "worker" }, NOW));
    await look();
    assert.equal(served(), '{"KEY":"one"}');
  });
});

test("an etag that came with the same bytes is the one to ask with next", async () => {
  const { source, look } = inCustody();
  source.holds(one, "v1");
  await look();
  source.holds(one, "v2");
  await look();
  await look();
  assert.deepEqual(
    source.requests.map(({ etag }) => etag),
    [undefined, "v1", "v2"],
  );
});

test("closing wipes everything", async () => {
  const { source, look, store, custody } = inCustody();
  source.holds(one);
  await look();
  const bytes = heldBy(store)?.nested;
  custody.close();
  assert.equal(store.open(), "empty");
  assert.ok(bytes !== undefined && isZero(bytes));
  assert.equal(custody.freshness().kind, "not_loaded");
});

test("a marker of another identity is no revocation even where no identity is configured", async () => {
  const { source, look, served } = inCustody();
  source.holds(one);
  await look();
  source.holds(revocationMarker({ ...who, identity: "worker" }, NOW));
  const outcome = await look();
  assert.ok(outcome.kind === "invalid");
  assert.equal(outcome.error.code, "identity_mismatch");
  assert.equal(served(), '{"KEY":"one"}');
});

test("an answer of unchanged that comes after the TTL does not bring back what was wiped", async () => {
  const { source, look, served, clock, custody } = inCustody();
  source.holds(one, "v1");
  await look();
  source.answers(async ({ etag }) => {
    if (etag === undefined) return { kind: "bytes", bytes: Buffer.from(one), etag: "v1" };
    await clock.advance(TTL_MS);
    assert.equal(served(), undefined);
    return { kind: "unchanged" };
  });
  const outcome = await look();
  assert.equal(outcome.kind, "staged");
  assert.equal(served(), '{"KEY":"one"}');
  assert.equal(custody.status().ageSeconds, 0);
  assert.deepEqual(
    source.requests.map(({ etag }) => etag),
    [undefined, "v1", undefined],
  );
});

test("what ended while the machine slept is not renewed before a timer has looked: its bytes are asked for", async () => {
  const { source, look, served, clock } = inCustody();
  source.holds(one, "v1");
  await look();
  source.answers(({ etag }) => {
    if (etag === undefined) return { kind: "bytes", bytes: Buffer.from(one), etag: "v1" };
    clock.suspend(TTL_MS);
    return { kind: "unchanged" };
  });
  const outcome = await look();
  assert.equal(outcome.kind, "staged");
  assert.equal(served(), '{"KEY":"one"}');
});
