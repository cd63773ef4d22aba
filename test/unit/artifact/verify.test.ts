import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { revocationMarker } from "../../../src/artifact/pack.ts";
import { NOTHING_ACCEPTED, remember, rememberRevocation } from "../../../src/artifact/trust.ts";
import { altered, pack } from "../../support/artifacts.ts";
import { resigned } from "../../support/signed.ts";
import { ANYONE, judge, SIGNED, verdictOf, verified } from "../../support/verified.ts";

const NOW = Date.UTC(2026, 5, 1);
const artifact = await pack({ signed: true, nowMs: NOW, ttlMs: 60_000 });
const marker = (identity = "api-gateway", environment = "production"): string =>
  revocationMarker({ identity, environment, revision: undefined }, NOW);

describe("verify", () => {
  test("keeps the very bytes that were checked", () => {
    const bytes = Buffer.from(artifact);
    const verdict = judge(bytes, { nowMs: NOW });
    assert.ok(verdict.kind === "verified");
    assert.equal(verdict.artifact.bytes, bytes);
    assert.equal(verdict.warning, undefined);
  });

  test("accepts upper-case hex in ciphertextHash", () => {
    const { ciphertextHash } = JSON.parse(artifact) as { ciphertextHash: string };
    const text = altered(artifact, { ciphertextHash: ciphertextHash.toUpperCase() });
    assert.equal(verdictOf(text, { nowMs: NOW }), "verified");
  });

  test("refuses a ciphertext that does not fit its hash, with and without a verify key", () => {
    const text = altered(artifact, { ciphertext: "AAAA" });
    assert.equal(verdictOf(text, { nowMs: NOW }), "integrity");
    assert.equal(verdictOf(text, { nowMs: NOW, policy: SIGNED }), "integrity");
  });

  test("never throws, whatever the bytes", () => {
    assert.equal(verdictOf(Buffer.from([0xff, 0xfe])), "json_parse");
  });
});

describe("a ciphertext that is no age file", () => {
  const POOL = Buffer.alloc(8_192);
  POOL.write('{"DB_URL":"postgres://db/app"}', 4_000);
  const holding = (ciphertext: string, more: object = {}): Promise<string> => {
    const ciphertextHash = createHash("sha256").update(ciphertext).digest("hex");
    return resigned(artifact, { ciphertext, ciphertextHash, ...more });
  };
  const AGE = Buffer.from((JSON.parse(artifact) as { ciphertext: string }).ciphertext, "base64");
  for (const [what, ciphertext] of [
    ["its secrets in clear", Buffer.from('{"DB_URL":"postgres://db/app"}')],
    ["a pool of memory", POOL],
    ["a file that is cut short", AGE.subarray(0, 100)],
    ["a file with something before it", Buffer.concat([Buffer.from("x"), AGE])],
    ["one byte", Buffer.from("x")],
  ] as const) {
    test(`is refused without any key, and whatever the signature says: ${what}`, async () => {
      const text = await holding(ciphertext.toString("base64"));
      for (const policy of [ANYONE, SIGNED]) {
        assert.equal(verdictOf(text, { nowMs: NOW, policy }), "decrypt");
      }
    });
  }

  test("may be anything under an envelope, which has no structure", async () => {
    const base64 = (length: number): string => Buffer.alloc(length, 1).toString("base64");
    const envelope = {
      provider: "aws",
      keyId: "k",
      wrappedKey: base64(8),
      algorithm: "SYMMETRIC_DEFAULT",
      iv: base64(12),
      authTag: base64(16),
    };
    const text = await holding(base64(9), { envelope });
    assert.equal(verdictOf(text, { nowMs: NOW }), "verified");
  });
});

describe("expiry", () => {
  const at = (nowMs: number): string => verdictOf(artifact, { nowMs, policy: SIGNED });

  test("has not come a millisecond before", () => assert.equal(at(NOW + 59_999), "verified"));
  test("has come at the instant itself", () => assert.equal(at(NOW + 60_000), "expired"));
  test("has come ever after", () => assert.equal(at(NOW + 1e12), "expired"));

  test("is told with the text of the artifact", () => {
    const verdict = judge(artifact, { nowMs: NOW + 60_000 });
    assert.ok(verdict.kind === "expired");
    assert.equal(verdict.expiresAt, "2026-06-01T00:01:00.000Z");
  });
});

describe("the addressee", () => {
  const forWhom = (identity: string | undefined, environment: string | undefined): string =>
    verdictOf(artifact, { nowMs: NOW, policy: { ...ANYONE, identity, environment } });

  test("is accepted when both match", () => {
    assert.equal(forWhom("api-gateway", "production"), "verified");
  });
  test("is refused for another identity", () => {
    assert.equal(forWhom("worker", undefined), "identity_mismatch");
  });
  test("is refused for another environment", () => {
    assert.equal(forWhom("api-gateway", "staging"), "identity_mismatch");
  });
  test("is compared letter by letter", () => {
    assert.equal(forWhom("API-Gateway", undefined), "identity_mismatch");
  });
});

describe("a revocation marker", () => {
  test("revokes without any signature though a verify key is set", () => {
    assert.equal(verdictOf(marker(), { policy: SIGNED }), "revoked");
  });

  test("revokes though the artifact around it is damaged, expired and wrongly signed", () => {
    const text = altered(artifact, { ciphertext: "AAAA", revokedAt: "2026-01-01T00:00:00Z" });
    assert.equal(verdictOf(text, { policy: SIGNED, nowMs: NOW + 1e12 }), "revoked");
  });

  test("for another identity or environment is no revocation", () => {
    const policy = { ...SIGNED, identity: "api-gateway", environment: "production" };
    assert.equal(verdictOf(marker("worker"), { policy }), "identity_mismatch");
    assert.equal(verdictOf(marker("api-gateway", "staging"), { policy }), "identity_mismatch");
    assert.equal(verdictOf(marker(), { policy }), "revoked");
  });

  test("is meant for whom the last artifact was packed, though that was not the newest", async () => {
    const newest = remember(NOTHING_ACCEPTED, verified(artifact, { nowMs: NOW }));
    const older = await pack({ identity: "worker", nowMs: NOW - 1 });
    const memory = remember(newest, verified(older, { memory: newest }));
    assert.equal(verdictOf(marker("worker"), { memory }), "revoked");
    assert.equal(verdictOf(marker(), { memory }), "identity_mismatch");
  });

  for (const revokedAt of [
    "now",
    "",
    "1.6.2026 kl. 12",
    0,
    1780300000,
    true,
    {},
    [],
    "x".repeat(9e5),
  ]) {
    const written = JSON.stringify(revokedAt).slice(0, 20);
    test(`revokes however its date is written: ${written}`, () => {
      for (const text of [
        JSON.stringify({ revokedAt }),
        altered(marker(), { revokedAt }),
        altered(artifact, { revokedAt, version: 9, ciphertext: 7, packedAt: null }),
        altered(marker(), { revokedAt, identity: 7, environment: "" }),
      ]) {
        const verdict = judge(text, { policy: { ...SIGNED, identity: "api-gateway" } });
        assert.ok(verdict.kind === "revoked");
        assert.ok(verdict.revocation.revokedAt.length <= 64);
        const memory = remember(NOTHING_ACCEPTED, verified(artifact, { nowMs: NOW }));
        assert.equal(verdictOf(text, { memory }), "revoked");
      }
    });
  }

  test("written by hand is still not one for somebody else", () => {
    const memory = remember(NOTHING_ACCEPTED, verified(artifact, { nowMs: NOW }));
    for (const whom of [{ identity: "worker" }, { environment: "staging" }]) {
      const text = JSON.stringify({ revokedAt: true, ...whom });
      const policy = { ...SIGNED, identity: "api-gateway", environment: "production" };
      assert.equal(verdictOf(text, { policy }), "identity_mismatch");
      assert.equal(verdictOf(text, { memory }), "identity_mismatch");
    }
  });

  test("is none whose revokedAt is null or false", () => {
    for (const revokedAt of [null, false]) {
      assert.equal(verdictOf(altered(artifact, { revokedAt }), { nowMs: NOW }), "verified");
      assert.equal(verdictOf(altered(marker(), { revokedAt })), "missing_fields");
    }
  });

  test("with a date in the future or the past revokes now", () => {
    for (const revokedAt of ["2000-01-01", "2999-01-01"]) {
      assert.equal(verdictOf(altered(marker(), { revokedAt }), { nowMs: NOW }), "revoked");
    }
  });
});

describe("the checklist goes in its order", async () => {
  const memory = remember(
    NOTHING_ACCEPTED,
    verified(await pack({ signed: true, nowMs: NOW + 1 }), { policy: SIGNED }),
  );
  const policy = { ...SIGNED, identity: "worker" };
  const late = NOW + 1e9;
  /** Each step is made right in turn, and the next one speaks. */
  const steps: readonly (readonly [string, string, object])[] = [
    ["json_parse", artifact.slice(1), { policy }],
    ["unsupported_version", altered(artifact, { version: 2, identity: 7 }), { policy }],
    ["identity_mismatch", altered(artifact, { ciphertext: "AAAA" }), { policy }],
    ["integrity", altered(artifact, { ciphertext: "AAAA" }), { policy: SIGNED }],
    ["signature_invalid", altered(artifact, { signature: "AAAA" }), { policy: SIGNED }],
    ["expired", artifact, { policy: SIGNED }],
    ["rollback", await resigned(artifact, { expiresAt: undefined }), { policy: SIGNED }],
    ["verified", await pack({ signed: true, nowMs: NOW + 2 }), { policy: SIGNED }],
  ];
  for (const [outcome, text, around] of steps) {
    test(`${outcome} before what comes after it`, () => {
      assert.equal(verdictOf(text, { memory, nowMs: late, ...around }), outcome);
    });
  }
});

describe("what was accepted before", async () => {
  const newer = await pack({ signed: true, nowMs: NOW + 1 });
  const older = await pack({ signed: true, nowMs: NOW });
  const memory = remember(NOTHING_ACCEPTED, verified(newer, { policy: SIGNED }));

  test("refuses an older artifact under a verify key", () => {
    assert.equal(verdictOf(older, { memory, policy: SIGNED }), "rollback");
  });

  test("only warns of it without one", () => {
    const verdict = judge(older, { memory });
    assert.ok(verdict.kind === "verified");
    assert.equal(verdict.warning?.code, "rollback");
  });

  test("accepts the same again", () => {
    const verdict = judge(newer, { memory, policy: SIGNED });
    assert.ok(verdict.kind === "verified");
    assert.equal(verdict.warning, undefined);
  });

  test("accepts the same with other spaces: it means the same", () => {
    const text = JSON.stringify(JSON.parse(newer));
    assert.equal(verdictOf(text, { memory, policy: SIGNED }), "verified");
  });

  test("refuses the same revision with other contents", async () => {
    const text = await resigned(newer, { expiresAt: "2999-01-01T00:00:00Z" });
    assert.equal(verdictOf(text, { memory, policy: SIGNED }), "revision_conflict");
    const verdict = judge(text, { memory });
    assert.ok(verdict.kind === "verified");
    assert.equal(verdict.warning?.code, "revision_conflict");
  });

  test("does not let a revoked revision come back, however often it is signed", () => {
    const revoked = rememberRevocation(memory, {
      kind: "revocation",
      identity: "api-gateway",
      environment: "production",
      revokedAt: "2026-06-01",
      revision: undefined,
    });
    assert.equal(verdictOf(newer, { memory: revoked, policy: SIGNED }), "rollback");
  });
});
