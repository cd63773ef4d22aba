import { revocationMarker } from "../../../src/artifact/pack.ts";
import { generateSigningKey, parseSigningKey } from "../../../src/keys/signing-keys.ts";
import { altered, pack } from "../artifacts.ts";
import { resigned } from "../signed.ts";

/** An artifact that passes verification by itself, memory and time aside. */
export interface Good {
  readonly name: string;
  readonly text: string;
  readonly revision: string;
  readonly packedAtMs: number;
  readonly expiresAtMs: number | undefined;
}

/** What the origin may answer. */
export type Answer =
  | { readonly kind: "good"; readonly name: string; readonly good: Good }
  | { readonly kind: "marker"; readonly name: string; readonly text: string }
  | { readonly kind: "refused"; readonly name: string; readonly text: string }
  | { readonly kind: "unchanged"; readonly name: string }
  | { readonly kind: "failure"; readonly name: string };

/** Time that an artifact of the alphabet has left at the start. */
const BRIEF_MS = 5_000;

/** The alphabet of the origin, around one instant. */
export async function originAnswers(nowMs: number): Promise<readonly Answer[]> {
  const packed = (secret: string, agoMs: number, life: { ttlMs?: number } = {}): Promise<string> =>
    pack({ secrets: { KEY: secret }, nowMs: nowMs - agoMs, signed: true, ...life });
  const older = await packed("older", 3_000);
  const newer = await packed("newer", 1_000);
  const brief = await packed("brief", 2_000, { ttlMs: BRIEF_MS + 2_000 });
  const rewritten = await resigned(newer, { expiresAt: "2999-01-01T00:00:00Z" });
  const stranger = parseSigningKey(generateSigningKey().privatePem);
  const whom = { identity: "api-gateway", environment: "production", revision: undefined };
  return [
    good("older", older),
    good("newer", newer),
    good("brief", brief),
    good("newer under other bytes", rewritten),
    refused("unsigned", altered(newer, { signature: undefined })),
    refused("signed by a stranger", await resigned(newer, {}, stranger)),
    refused("expiry taken away", altered(brief, { expiresAt: undefined })),
    refused("for someone else", await pack({ identity: "worker", signed: true, nowMs })),
    refused("revokes someone else", revocationMarker({ ...whom, identity: "worker" }, nowMs)),
    { kind: "marker", name: "revoked", text: revocationMarker(whom, nowMs) },
    { kind: "unchanged", name: "unchanged" },
    { kind: "failure", name: "failure" },
  ];
}

function good(name: string, text: string): Answer {
  const fields = JSON.parse(text) as { revision: string; packedAt: string; expiresAt?: string };
  const { revision, packedAt, expiresAt } = fields;
  const packedAtMs = Date.parse(packedAt);
  const expiresAtMs = expiresAt === undefined ? undefined : Date.parse(expiresAt);
  return { kind: "good", name, good: { name, text, revision, packedAtMs, expiresAtMs } };
}

function refused(name: string, text: string): Answer {
  return { kind: "refused", name, text };
}
