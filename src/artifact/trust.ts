import { createHash } from "node:crypto";
import { AgentError } from "../errors.ts";
import type { PackedArtifact, Revocation } from "./artifact.ts";
import { signingPayload } from "./signing-payload.ts";

/** What was accepted before, kept so that nothing older or contradictory follows it. */
export interface TrustMemory {
  /** The newest artifact that was accepted. */
  readonly newest: AcceptedArtifact | undefined;
  /** Revisions that were revoked, the latest last. */
  readonly revoked: readonly string[];
}

export interface AcceptedArtifact {
  readonly packedAtMs: number;
  readonly revision: string;
  /** Hex SHA-256 of the signing payload: of every field that means anything. */
  readonly digest: string;
}

export const NOTHING_ACCEPTED: TrustMemory = { newest: undefined, revoked: [] };

/** More are not remembered; rollback protection refuses older ones anyway. */
const REVOKED_REMEMBERED = 16;

/**
 * What speaks against an artifact in the light of those before it (contract, section 4), or nothing.
 * Without a verify key these facts prove nothing, and the caller only warns of them.
 */
export function contradiction(
  artifact: PackedArtifact,
  memory: TrustMemory,
): AgentError | undefined {
  const { newest, revoked } = memory;
  if (revoked.includes(artifact.revision)) {
    return new AgentError(
      "rollback",
      `revision ${artifact.revision} was revoked and does not come back; pack again`,
    );
  }
  if (newest === undefined) return undefined;
  if (artifact.packedAt.ms < newest.packedAtMs) {
    return new AgentError(
      "rollback",
      `revision ${artifact.revision} is older than ${newest.revision}, which was accepted before; pack again to go back`,
    );
  }
  if (artifact.revision === newest.revision && digestOf(artifact) !== newest.digest) {
    return new AgentError(
      "revision_conflict",
      `revision ${artifact.revision} was accepted before with other contents; pack again`,
    );
  }
  return undefined;
}

/** The memory after an artifact was accepted; it never goes back in time. */
export function remember(memory: TrustMemory, artifact: PackedArtifact): TrustMemory {
  const { newest } = memory;
  if (newest !== undefined && artifact.packedAt.ms < newest.packedAtMs) return memory;
  const { revision } = artifact;
  const accepted = { packedAtMs: artifact.packedAt.ms, revision, digest: digestOf(artifact) };
  return { ...memory, newest: accepted };
}

/** The memory after a revocation: what was accepted last is revoked, and what the marker names. */
export function rememberRevocation(memory: TrustMemory, revocation: Revocation): TrustMemory {
  const revoked = new Set(memory.revoked);
  for (const revision of [memory.newest?.revision, revocation.revision]) {
    if (revision !== undefined) revoked.add(revision);
  }
  return { ...memory, revoked: [...revoked].slice(-REVOKED_REMEMBERED) };
}

function digestOf(artifact: PackedArtifact): string {
  return createHash("sha256").update(signingPayload(artifact)).digest("hex");
}
