import { createHash } from "node:crypto";
import { AgentError } from "../errors.ts";
import type { ArtifactFields, Revocation } from "./artifact.ts";
import { signingPayload } from "./signing-payload.ts";

/** What was accepted before, kept so that nothing older or contradictory follows it. */
export interface TrustMemory {
  /** The newest artifact that was accepted; what everything later is measured by. */
  readonly newest: AcceptedArtifact | undefined;
  /** The one that was accepted last: what a revocation marker revokes. An older one without a verify key. */
  readonly last: AcceptedArtifact | undefined;
  /** Revisions that were revoked; those that were accepted stand last. */
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

export const NOTHING_ACCEPTED: TrustMemory = { newest: undefined, last: undefined, revoked: [] };

/** Of the names that markers bring: anyone can write a marker, so their number must have an end. */
const REVOKED_REMEMBERED = 256;

/**
 * What speaks against an artifact in the light of those before it (contract, section 4), or nothing.
 * Without a verify key these facts prove nothing, and the caller only warns of them.
 *
 * @param signed - whether the artifact's signature was checked.
 */
export function contradiction(
  artifact: ArtifactFields,
  signed: boolean,
  memory: TrustMemory,
): AgentError | undefined {
  if (memory.revoked.includes(artifact.revision)) {
    return new AgentError(
      "rollback",
      `revision ${artifact.revision} was revoked and does not come back; pack again`,
    );
  }
  const newest = comparable(memory.newest, signed);
  if (newest !== undefined && artifact.packedAt.ms < newest.packedAtMs) {
    return new AgentError(
      "rollback",
      `revision ${artifact.revision} is older than ${newest.revision}, which was accepted before; pack again to go back`,
    );
  }
  const namesake = [newest, comparable(memory.last, signed)].find(
    (known) => known?.revision === artifact.revision,
  );
  if (namesake !== undefined && digestOf(artifact) !== namesake.digest) {
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
  { fields, signed }: { readonly fields: ArtifactFields; readonly signed: boolean },
): TrustMemory {
  const { identity, environment, packedAt, revision } = fields;
  const digest = digestOf(fields);
  const last = { identity, environment, packedAtMs: packedAt.ms, revision, digest, signed };
  return { ...memory, newest: isNewer(last, memory.newest) ? last : memory.newest, last };
}

/** Dates that were checked count for more than any that were not: anyone could have written those. */
function isNewer(one: AcceptedArtifact, other: AcceptedArtifact | undefined): boolean {
  if (other === undefined) return true;
  return one.signed === other.signed ? one.packedAtMs >= other.packedAtMs : one.signed;
}

/** What was accepted without a check of its signature counts nothing against what is checked. */
function comparable(
  known: AcceptedArtifact | undefined,
  signed: boolean,
): AcceptedArtifact | undefined {
  return signed && known?.signed === false ? undefined : known;
}

/**
 * The memory after a revocation: what was accepted last is revoked, and what the marker names. No
 * number of markers makes it forget that the newest artifact was revoked, and older ones are refused
 * for their age.
 */
export function rememberRevocation(memory: TrustMemory, revocation: Revocation): TrustMemory {
  const { newest, last, revoked } = memory;
  const accepted = [...new Set([newest?.revision, last?.revision])].filter(isName);
  const named = [...new Set([...revoked, revocation.revision])].filter(isName);
  const others = named.filter((revision) => !accepted.includes(revision));
  return { ...memory, revoked: [...others.slice(-REVOKED_REMEMBERED), ...accepted] };
}

function isName(revision: string | undefined): revision is string {
  return revision !== undefined;
}

function digestOf(artifact: ArtifactFields): string {
  return createHash("sha256").update(signingPayload(artifact)).digest("hex");
}
