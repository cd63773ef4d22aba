import assert from "node:assert/strict";
import { NOTHING_ACCEPTED, type TrustMemory } from "../../src/artifact/trust.ts";
import {
  type Policy,
  type Verdict,
  type VerifiedArtifact,
  verify,
} from "../../src/artifact/verify.ts";
import { parseVerifyKeys } from "../../src/keys/verify-keys.ts";
import { VERIFY_KEY } from "./artifacts.ts";

/** Accepts an artifact for anyone, signed or not. */
export const ANYONE: Policy = { identity: undefined, environment: undefined, verifyKeys: [] };

/** Accepts what the test signer signed, for anyone. */
export const SIGNED: Policy = { ...ANYONE, verifyKeys: parseVerifyKeys(VERIFY_KEY) };

export interface Circumstances {
  readonly policy?: Policy;
  readonly memory?: TrustMemory;
  readonly nowMs?: number;
}

/** What the checklist says of an artifact's text. */
export function judge(text: string | Uint8Array, around: Circumstances = {}): Verdict {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const { policy = ANYONE, memory = NOTHING_ACCEPTED, nowMs = Date.now() } = around;
  return verify(bytes, policy, memory, nowMs);
}

/** The artifact, which must pass the checklist. */
export function verified(text: string, around: Circumstances = {}): VerifiedArtifact {
  const verdict = judge(text, around);
  assert.ok(verdict.kind === "verified", `not verified but ${verdict.kind}`);
  return verdict.artifact;
}

/** The verdict in one word: its kind, or the code of an invalid artifact. */
export function verdictOf(text: string | Uint8Array, around: Circumstances = {}): string {
  const verdict = judge(text, around);
  return verdict.kind === "invalid" ? verdict.error.code : verdict.kind;
}
