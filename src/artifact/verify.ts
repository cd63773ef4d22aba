import { createHash } from "node:crypto";
import { AgentError, asAgentError } from "../errors.ts";
import type { VerifyKey } from "../keys/verify-keys.ts";
import { checkStanzas, NOT_AN_AGE_FILE, readAgeFile } from "./age-file.ts";
import type { ArtifactFields, PackedArtifact, Revocation } from "./artifact.ts";
import { parseInSlices } from "./parse.ts";
import { inOneGo, inSlices, type Sliced } from "../system/slices.ts";
import { checkSignature } from "./signature.ts";
import { contradiction, type TrustMemory } from "./trust.ts";

/** What an artifact must satisfy besides being well-formed. */
export interface Policy {
  /** Whom it must be packed for; undefined accepts anyone. */
  readonly identity: string | undefined;
  readonly environment: string | undefined;
  /** Empty where no signature is asked for. */
  readonly verifyKeys: readonly VerifyKey[];
}

export type Verdict =
  | {
      readonly kind: "verified";
      readonly artifact: VerifiedArtifact;
      /** What would have refused it under a verify key. */
      readonly warning: AgentError | undefined;
    }
  | { readonly kind: "revoked"; readonly revocation: Revocation }
  | { readonly kind: "expired"; readonly expiresAt: string; readonly error: AgentError }
  | {
      readonly kind: "invalid";
      readonly error: AgentError;
      /** Whether these bytes are refused for this reason whatever time, trust or a KMS may bring. */
      readonly lasting: boolean;
    };

/**
 * An artifact that passed every check. Only `verify` makes one, and decryption, the stores and the
 * disk cache take nothing else.
 */
export class VerifiedArtifact {
  readonly fields: ArtifactFields;
  /** An age file, or what the data key of the envelope opens: decoded once, however often it is decrypted. */
  readonly ciphertext: Buffer;
  /** The bytes that were verified, as the source gave them. */
  readonly bytes: Uint8Array;

  /** Whether a signature was asked for, and so checked. */
  readonly signed: boolean;

  private constructor(
    fields: ArtifactFields,
    ciphertext: Buffer,
    bytes: Uint8Array,
    signed: boolean,
  ) {
    this.fields = fields;
    this.ciphertext = ciphertext;
    this.bytes = bytes;
    this.signed = signed;
  }

  /**
   * The checklist (contract, sections 1 and 4), in its order, against one reading of the clock:
   *
   * 1. size, UTF-8, JSON, shape (`parseArtifact`)
   * 2. identity and environment, of an artifact and of a revocation marker alike
   * 3. revocation, signed or not, of the identity that was accepted last
   * 4. hash of the ciphertext
   * 5. signature
   * 6. the ciphertext is an age file, where there is no envelope
   * 7. expiry
   * 8. rollback, revoked revision, same revision with other bytes
   *
   * @param nowMs - Unix time in milliseconds.
   */
  static *verify(
    bytes: Uint8Array,
    policy: Policy,
    memory: TrustMemory,
    nowMs: number,
  ): Sliced<Verdict> {
    let lasting = true;
    try {
      const parsed = yield* parseInSlices(bytes);
      yield;
      checkAddressee(parsed, policy);
      if (parsed.kind === "revocation") {
        lasting = false;
        checkRevokes(parsed, memory);
        return { kind: "revoked", revocation: parsed };
      }
      yield* checkHash(parsed);
      checkSignature(parsed, policy.verifyKeys);
      const { ciphertext: text, ...fields } = parsed;
      const ciphertext = Buffer.from(text, "base64");
      if (fields.envelope === undefined) checkAgeFile(ciphertext);
      yield;
      lasting = false;
      if (parsed.expiresAt !== undefined && nowMs >= parsed.expiresAt.ms) {
        return expired(parsed.expiresAt.text);
      }
      const signed = policy.verifyKeys.length > 0;
      const warning = contradiction(parsed, signed, memory);
      if (warning !== undefined && signed) throw warning;
      const artifact = new VerifiedArtifact(fields, ciphertext, bytes, signed);
      return { kind: "verified", artifact, warning };
    } catch (thrown) {
      return {
        kind: "invalid",
        error: asAgentError(thrown, "invalid_shape", "it could not be checked"),
        lasting: lasting && thrown instanceof AgentError,
      };
    }
  }
}

/** Runs the checklist of `VerifiedArtifact.verify`. */
export function verify(
  bytes: Uint8Array,
  policy: Policy,
  memory: TrustMemory,
  nowMs: number,
): Verdict {
  return inOneGo(VerifiedArtifact.verify(bytes, policy, memory, nowMs));
}

/** The same in slices, where other work waits. */
export function verifyInSlices(
  bytes: Uint8Array,
  policy: Policy,
  memory: TrustMemory,
  nowMs: number,
): Promise<Verdict> {
  return inSlices(VerifiedArtifact.verify(bytes, policy, memory, nowMs));
}

function checkAddressee(parsed: PackedArtifact | Revocation, policy: Policy): void {
  for (const name of ["identity", "environment"] as const) {
    const expected = policy[name];
    if (expected === undefined || parsed[name] === undefined || parsed[name] === expected) continue;
    throw new AgentError(
      "identity_mismatch",
      `it is packed for the ${name} "${parsed[name]}", not for "${expected}" (CLEF_AGENT_${name.toUpperCase()})`,
    );
  }
}

/** A marker for another identity or environment is not a revocation (contract, section 4). */
function checkRevokes(revocation: Revocation, { last }: TrustMemory): void {
  if (last === undefined) return;
  const { identity = last.identity, environment = last.environment } = revocation;
  if (last.identity === identity && last.environment === environment) return;
  throw new AgentError(
    "identity_mismatch",
    `it revokes ${identity}/${environment}, while ${last.identity}/${last.environment} was accepted last; deliver the marker of that one`,
  );
}

/** Characters of base64, a few milliseconds of work. */
const HASHED_AT_ONCE = 1024 * 1024;

function* checkHash({ ciphertext, ciphertextHash }: PackedArtifact): Sliced<void> {
  const hash = createHash("sha256");
  for (let at = 0; at < ciphertext.length; at += HASHED_AT_ONCE) {
    hash.update(ciphertext.slice(at, at + HASHED_AT_ONCE), "utf8");
    yield;
  }
  if (hash.digest("hex") !== ciphertextHash.toLowerCase()) {
    throw new AgentError(
      "integrity",
      "its ciphertext does not match ciphertextHash: it was changed or damaged after packing",
    );
  }
}

/**
 * What is no age file is refused without any key, and above all never called valid: it may be plaintext
 * that a packer wrote by mistake. The code is the one that decryption would give it.
 */
function checkAgeFile(ciphertext: Buffer): void {
  const file = readAgeFile(ciphertext);
  if (file === undefined) throw new AgentError("decrypt", NOT_AN_AGE_FILE);
  checkStanzas(file.stanzas);
}

function expired(expiresAt: string): Verdict {
  const error = new AgentError("expired", `it expired at ${expiresAt}; pack it again`);
  return { kind: "expired", expiresAt, error };
}
