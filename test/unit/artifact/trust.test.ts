import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  contradiction,
  NOTHING_ACCEPTED,
  remember,
  rememberRevocation,
  type TrustMemory,
} from "../../../src/artifact/trust.ts";
import type { PackedArtifact, Revocation } from "../../../src/artifact/artifact.ts";

function packedAt(ms: number, revision = `${ms}-00000000`): PackedArtifact {
  return {
    kind: "artifact",
    version: 1,
    identity: "api",
    environment: "prod",
    packedAt: { text: new Date(ms).toISOString(), ms },
    revision,
    ciphertext: "AAAA",
    ciphertextHash: "00".repeat(32),
    envelope: undefined,
    expiresAt: undefined,
    signature: undefined,
  };
}

/** The memory after these were accepted in turn, their signatures checked. */
const accepted = (...artifacts: readonly PackedArtifact[]): TrustMemory =>
  artifacts.reduce(
    (memory, fields) => remember(memory, { fields, signed: true }),
    NOTHING_ACCEPTED,
  );
const against = (artifact: PackedArtifact, memory: TrustMemory): string | undefined =>
  contradiction(artifact, true, memory)?.code;

const revocation = (revision: string | undefined): Revocation => ({
  kind: "revocation",
  identity: "api",
  environment: "prod",
  revokedAt: "2026-01-01",
  revision,
});

/** The memory after markers by the hundred, which anybody can write who can write to the source. */
function flooded(memory: TrustMemory): TrustMemory {
  const names = Array.from({ length: 1_000 }, (_, index) => `r${index}`);
  return names.reduce((before, name) => rememberRevocation(before, revocation(name)), memory);
}

describe("the memory of what was accepted", () => {
  test("has nothing against the first artifact", () => {
    assert.equal(against(packedAt(5), NOTHING_ACCEPTED), undefined);
  });

  test("keeps the newest, whatever the order of arrival", () => {
    const memory = accepted(packedAt(5), packedAt(9), packedAt(7));
    assert.equal(memory.newest?.packedAtMs, 9);
    assert.equal(against(packedAt(8), memory), "rollback");
    assert.equal(against(packedAt(10), memory), undefined);
  });

  test("lets two revisions of one instant follow each other", () => {
    const memory = accepted(packedAt(5, "5-aaaaaaaa"));
    assert.equal(against(packedAt(5, "5-bbbbbbbb"), memory), undefined);
  });

  test("finds a revision that changed its contents", () => {
    const memory = accepted(packedAt(5));
    const changed = { ...packedAt(5), ciphertextHash: "11".repeat(32) };
    assert.equal(against(changed, memory), "revision_conflict");
    const postponed = { ...packedAt(6), revision: packedAt(5).revision };
    assert.equal(against(postponed, memory), "revision_conflict");
  });

  test("does not mind another signature of the same contents", () => {
    const memory = accepted(packedAt(5));
    const signature = { bytes: Buffer.from("x"), claimedAlgorithm: undefined };
    assert.equal(against({ ...packedAt(5), signature }, memory), undefined);
  });
});

describe("the memory of what was revoked", () => {
  test("holds the newest accepted revision and the one that the marker names", () => {
    const memory = rememberRevocation(accepted(packedAt(5)), revocation("9-00000000"));
    assert.deepEqual(memory.revoked, ["9-00000000", "5-00000000"]);
    assert.equal(against(packedAt(9), memory), "rollback");
    assert.equal(against(packedAt(6), memory), undefined);
  });

  test("grows by nothing when the same marker is read again and again", () => {
    let memory = accepted(packedAt(5));
    for (let times = 0; times < 5; times++) memory = rememberRevocation(memory, revocation("x"));
    assert.deepEqual(memory.revoked, ["x", "5-00000000"]);
  });

  test("is bounded, and loses the earliest first", () => {
    const memory = flooded(NOTHING_ACCEPTED);
    assert.equal(memory.revoked.length, 256);
    assert.equal(memory.revoked.at(-1), "r999");
  });

  test("keeps the newest revision, however many markers come after its own", () => {
    const memory = flooded(rememberRevocation(accepted(packedAt(5)), revocation(undefined)));
    assert.equal(against(packedAt(5), memory), "rollback");
  });

  test("keeps what was accepted last, where that is not the newest", () => {
    const older = remember(accepted(packedAt(7)), { fields: packedAt(5), signed: false });
    const memory = flooded(rememberRevocation(older, revocation(undefined)));
    assert.equal(contradiction(packedAt(5), false, memory)?.code, "rollback");
    assert.equal(against(packedAt(7), memory), "rollback");
  });

  test("survives the acceptance of a newer artifact", () => {
    const revoked = rememberRevocation(NOTHING_ACCEPTED, revocation("old"));
    assert.deepEqual(remember(revoked, { fields: packedAt(5), signed: true }).revoked, ["old"]);
  });
});

describe("what was accepted without a check of its signature", () => {
  const unchecked = remember(NOTHING_ACCEPTED, { fields: packedAt(9), signed: false });

  test("does not count against what is checked: anyone could have dated it", () => {
    assert.equal(against(packedAt(5), unchecked), undefined);
    const changed = { ...packedAt(9), ciphertextHash: "11".repeat(32) };
    assert.equal(against(changed, unchecked), undefined);
    const memory = remember(unchecked, { fields: packedAt(5), signed: true });
    assert.equal(memory.newest?.packedAtMs, 5);
  });

  test("counts as a warning against more of its kind", () => {
    assert.equal(contradiction(packedAt(5), false, unchecked)?.code, "rollback");
  });

  test("does not displace what was checked, whichever is newer", () => {
    for (const ms of [5, 9]) {
      const memory = remember(accepted(packedAt(7)), { fields: packedAt(ms), signed: false });
      assert.equal(memory.newest?.packedAtMs, 7);
      assert.equal(memory.last?.packedAtMs, ms);
      assert.equal(against(packedAt(6), memory), "rollback");
    }
  });
});
