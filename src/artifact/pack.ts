import { createHash, randomBytes } from "node:crypto";
import { AgentError } from "../errors.ts";
import type { Signer } from "../keys/signing-keys.ts";
import type { KmsEnvelope } from "./artifact.ts";
import { type Seal, unproved } from "./seal.ts";
import { signingPayload } from "./signing-payload.ts";
import { NOTHING_ACCEPTED } from "./trust.ts";
import { verify } from "./verify.ts";

export interface PackInput {
  readonly identity: string;
  readonly environment: string;
  /** The payload, as JSON text; checked by the caller. */
  readonly payload: Uint8Array;
  /** How the payload is encrypted. */
  readonly seal: Seal;
  /** Milliseconds until the artifact expires; undefined is never. */
  readonly ttlMs: number | undefined;
  readonly signer: Signer | undefined;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
}

/**
 * Encrypts a payload and lays a packed artifact around it (contract, section 1).
 *
 * @returns the artifact's text, ending with a newline.
 * @throws AgentError `input_invalid` if an agent would refuse it, `pack_unproved` if it does not hold what
 * was sealed, and what `seal` and `signer` throw.
 */
export async function packArtifact(input: PackInput): Promise<string> {
  const { identity, environment, nowMs, ttlMs, signer } = input;
  const sealed = await input.seal(input.payload);
  const ciphertext = sealed.ciphertext.toString("base64");

  const fields = {
    version: 1,
    identity,
    environment,
    packedAt: new Date(nowMs).toISOString(),
    revision: `${nowMs}-${randomBytes(4).toString("hex")}`,
    ciphertextHash: createHash("sha256").update(ciphertext, "utf8").digest("hex"),
    ...(ttlMs === undefined ? {} : { expiresAt: new Date(nowMs + ttlMs).toISOString() }),
    ...(sealed.envelope === undefined ? {} : { envelope: sealed.envelope }),
  } as const;
  const signed = signer === undefined ? {} : await signature(fields, signer);
  const text = `${JSON.stringify({ ...fields, ...signed, ciphertext }, null, 2)}\n`;
  checkWritten(text, input, sealed.ciphertext);
  return text;
}

/** What leaves here is what an agent accepts, and holds the very ciphertext that was proved. */
function checkWritten(
  text: string,
  { identity, environment, nowMs }: PackInput,
  sealed: Buffer,
): void {
  const policy = { identity, environment, verifyKeys: [] };
  const verdict = verify(Buffer.from(text), policy, NOTHING_ACCEPTED, nowMs);
  switch (verdict.kind) {
    case "verified":
      if (verdict.artifact.ciphertext.equals(sealed)) return;
      throw unproved("the artifact holds another ciphertext than the one that was checked");
    case "invalid":
      throw new AgentError(
        "input_invalid",
        `an agent would refuse the artifact: ${verdict.error.message}`,
      );
    case "expired":
    case "revoked":
      throw new AgentError(
        "input_invalid",
        `an agent would refuse the artifact: it is ${verdict.kind}`,
      );
  }
}

interface Fields {
  readonly version: 1;
  readonly identity: string;
  readonly environment: string;
  readonly packedAt: string;
  readonly revision: string;
  readonly ciphertextHash: string;
  readonly expiresAt?: string;
  readonly envelope?: KmsEnvelope;
}

async function signature(
  fields: Fields,
  signer: Signer,
): Promise<{ readonly signature: string; readonly signatureAlgorithm: string }> {
  const { expiresAt } = fields;
  const payload = signingPayload({
    ...fields,
    packedAt: { text: fields.packedAt },
    expiresAt: expiresAt === undefined ? undefined : { text: expiresAt },
    envelope: fields.envelope,
  });
  const bytes = await signer.sign(payload);
  return { signature: bytes.toString("base64"), signatureAlgorithm: signer.algorithm };
}

/** The text of a revocation marker (contract, section 1), which names the revision where it is known. */
export function revocationMarker(
  revoked: {
    readonly identity: string;
    readonly environment: string;
    readonly revision: string | undefined;
  },
  nowMs: number,
): string {
  const { identity, environment, revision } = revoked;
  const revokedAt = new Date(nowMs).toISOString();
  return `${JSON.stringify({ version: 1, identity, environment, revision, revokedAt }, null, 2)}\n`;
}
