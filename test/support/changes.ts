import { type Change, Changes } from "../../src/refresh/changes.ts";

export const SERVING: Extract<Change, { kind: "serving" }> = {
  kind: "serving",
  revision: "1-00000001",
  identity: "api",
  environment: "production",
  keyCount: 2,
  kmsEnvelope: false,
  expiresAtMs: undefined,
  from: "origin",
};

export const REVOKED: Change = {
  kind: "ended",
  reason: "revoked",
  revokedAt: "2026-06-01T00:00:00Z",
};

/** What a subscriber throws fails the test. */
export function newChanges(): Changes {
  return new Changes((error) => {
    throw error;
  });
}
