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
  readonly identity: string;
  readonly environment: string;
  readonly packedAtMs: number;
  readonly revision: string;
  /** Hex SHA-256 of the signing payload: of every field that means anything. */
  readonly digest: string;
  /** Whether its signature was checked; what was not proves nothing once a verify key is set. */
  readonly signed: boolean;
}

export const NOTHING_ACCEPTED: TrustMemory = { newest: undefined, revoked: [] };

/** More are not remembered; rollback protection refuses older ones anyway. */
const REVOKED_REMEMBERED = 16;

/**
 * What speaks against an artifact in the light of those before it (contract, section 4), or nothing.
 * Without a verify key these facts prove nothing, and the caller only warns of them.
 *
 * @param signed - whether the artifact's signature was checked.
 */
export function contradiction(
  artifact: PackedArtifact,
  signed: boolean,
  memory: TrustMemory,
): AgentError | undefined {
  if (memory.revoked.includes(artifact.revision)) {
    return new AgentError(
      "rollback",
      `revision ${artifact.revision} was revoked and does not come back; pack again`,
    );
  }
  const newest = comparable(memory, signed);
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
export function remember(
  memory: TrustMemory,
  { fields, signed }: { readonly fields: PackedArtifact; readonly signed: boolean },
): TrustMemory {
  const newest = comparable(memory, signed);
  if (newest !== undefined && fields.packedAt.ms < newest.packedAtMs) return memory;
  const { identity, environment, packedAt, revision } = fields;
  const packedAtMs = packedAt.ms;
  const digest = digestOf(fields);
  return { ...memory, newest: { identity, environment, packedAtMs, revision, digest, signed } };
}

/**
 * The newest artifact that a new one is measured by. One that was accepted without a check of its
 * signature does not count against one whose signature was checked: anyone could have dated it.
 */
function comparable({ newest }: TrustMemory, signed: boolean): AcceptedArtifact | undefined {
  return signed && newest?.signed === false ? undefined : newest;
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
