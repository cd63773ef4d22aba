import { generateIdentity, identityToRecipient } from "age-encryption";
import { packArtifact } from "../../src/artifact/pack.ts";
import { rememberPayload, rememberSecret } from "./known-secrets.ts";
import type { Seal } from "../../src/artifact/seal.ts";
import { ageSeal } from "../../src/seal/age-seal.ts";
import { generateSigningKey, parseSigningKey, type Signer } from "../../src/keys/signing-keys.ts";

export const AGE_IDENTITY = rememberSecret(await generateIdentity());
export const AGE_RECIPIENT = await identityToRecipient(AGE_IDENTITY);

const pair = generateSigningKey();
export const SIGNER: Signer = parseSigningKey(pair.privatePem);
export const SIGNING_KEY_PEM = pair.privatePem;
rememberSecret(SIGNING_KEY_PEM.split("\n")[1] ?? "");
export const VERIFY_KEY = pair.verifyKey;

export interface PackOptions {
  readonly secrets?: unknown;
  /** The payload's text, instead of `secrets` as JSON. */
  readonly payload?: string;
  readonly identity?: string;
  readonly environment?: string;
  readonly recipients?: readonly string[];
  /** Instead of `recipients`. */
  readonly seal?: Seal;
  readonly ttlMs?: number;
  readonly signed?: boolean;
  readonly nowMs?: number;
}

/** A packed artifact's text, for `AGE_IDENTITY`. */
export async function pack(options: PackOptions = {}): Promise<string> {
  rememberPayload(options.payload ?? options.secrets);
  return packArtifact({
    identity: options.identity ?? "api-gateway",
    environment: options.environment ?? "production",
    payload: Buffer.from(options.payload ?? JSON.stringify(options.secrets ?? { KEY: "value" })),
    seal: options.seal ?? ageSeal(options.recipients ?? [AGE_RECIPIENT]),
    ttlMs: options.ttlMs,
    signer: options.signed === true ? SIGNER : undefined,
    nowMs: options.nowMs ?? Date.now(),
  });
}

/** The artifact with some fields changed; undefined removes one. */
export function altered(artifact: string, changes: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ ...(JSON.parse(artifact) as object), ...changes });
}

/** A revocation marker for whom `pack` packs, in its shortest form. */
export function revocation(nowMs: number = Date.now()): string {
  const revokedAt = new Date(nowMs).toISOString();
  return JSON.stringify({
    version: 1,
    identity: "api-gateway",
    environment: "production",
    revokedAt,
  });
}
