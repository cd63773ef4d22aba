import { generateIdentity, identityToRecipient } from "age-encryption";
import * as fc from "fast-check";
import { revocationMarker } from "../../src/artifact/pack.ts";
import { generateSigningKey, parseSigningKey } from "../../src/keys/signing-keys.ts";
import { altered, pack } from "./artifacts.ts";
import { resigned } from "./signed.ts";

/** What a hostile origin may hold, and what an honest reader may make of it. */
export interface Held {
  readonly name: string;
  readonly text: string;
  /** Set for what passes verification by itself, memory and time aside. */
  readonly good?: Good;
  /** Set for a marker that is meant for us. */
  readonly revokes?: { readonly revision: string | undefined };
}

export interface Good {
  readonly payload: string;
  readonly revision: string;
  readonly packedAtMs: number;
  readonly expiresAtMs: number | undefined;
  /** The same for artifacts that mean the same. */
  readonly meaning: string;
}

/** Everything a test of hostile sequences plays with, around one instant. */
export async function hostileArtifacts(nowMs: number): Promise<readonly Held[]> {
  const make = (secret: string, offsetMs: number, ttlMs?: number): Promise<string> =>
    pack({
      secrets: { KEY: secret },
      nowMs: nowMs + offsetMs,
      signed: true,
      ...(ttlMs === undefined ? {} : { ttlMs }),
    });
  const [one, two, three] = await Promise.all([
    make("one", -3),
    make("two", -2),
    make("three", -1),
  ]);
  const brief = await make("brief", -2, 60_000);
  const twoAgain = await resigned(two, { expiresAt: "2999-01-01T00:00:00Z" });
  const stranger = parseSigningKey(generateSigningKey().privatePem);
  const foreign = await identityToRecipient(await generateIdentity());
  const { ciphertext, ciphertextHash } = JSON.parse(one) as Record<string, string>;
  const { revision } = JSON.parse(three) as { revision: string };
  const marker = (identity: string, of: string | undefined): string =>
    revocationMarker({ identity, environment: "production", revision: of }, nowMs);
  const bad = {
    unsigned: altered(three, { signature: undefined }),
    "signed by a stranger": await resigned(three, {}, stranger),
    "with its expiry taken away": altered(brief, { expiresAt: undefined }),
    "with its expiry put off": altered(brief, { expiresAt: "2999-01-01T00:00:00Z" }),
    "made newer": altered(one, { packedAt: new Date(nowMs).toISOString() }),
    "under another revision": altered(one, { revision }),
    "with another ciphertext": altered(three, { ciphertext }),
    "with another ciphertext and its hash": altered(three, { ciphertext, ciphertextHash }),
    "for another identity": await pack({ identity: "worker", signed: true, nowMs }),
    "for another environment": await pack({ environment: "staging", signed: true, nowMs }),
    "for other recipients": await pack({ recipients: [foreign], signed: true, nowMs }),
    "with a payload that is none": await pack({ payload: "[]", signed: true, nowMs }),
    "long expired": await pack({ signed: true, nowMs: nowMs - 1e10, ttlMs: 1_000 }),
    "a marker for someone else": marker("worker", undefined),
    "a marker that is switched off": altered(marker("api-gateway", undefined), {
      revokedAt: false,
    }),
    "no JSON": "<html>",
    "nothing at all": "",
  };
  const held: readonly Held[] = [
    ...[one, two, three, brief, twoAgain].map((text) => goodOne(text)),
    {
      name: "two in other words",
      text: JSON.stringify(JSON.parse(two)),
      good: goodOne(two).good,
    },
    { name: "a marker", text: marker("api-gateway", undefined), revokes: { revision: undefined } },
    {
      name: "a marker without a date",
      text: altered(marker("api-gateway", undefined), { revokedAt: "soon" }),
      revokes: { revision: undefined },
    },
    { name: "a marker for three", text: marker("api-gateway", revision), revokes: { revision } },
    {
      name: "an artifact that became a marker",
      text: altered(one, { revokedAt: "2026-01-01", ciphertext: "?" }),
      revokes: { revision: goodOne(one).good.revision },
    },
    ...Object.entries(bad).map(([name, text]) => ({ name, text })),
  ];
  // A counterexample is then a list of names.
  return held.map((each) => Object.assign(each, { [fc.toStringMethod]: () => each.name }));
}

function goodOne(text: string): Held & { readonly good: Good } {
  const fields = JSON.parse(text) as {
    revision: string;
    packedAt: string;
    ciphertextHash: string;
    expiresAt?: string;
  };
  const { revision, packedAt, ciphertextHash, expiresAt } = fields;
  return {
    text,
    name: `packed at ${packedAt}${expiresAt === undefined ? "" : ` until ${expiresAt}`}`,
    good: {
      payload: ciphertextHash,
      revision,
      packedAtMs: Date.parse(packedAt),
      expiresAtMs: expiresAt === undefined ? undefined : Date.parse(expiresAt),
      meaning: `${ciphertextHash} ${expiresAt ?? ""}`,
    },
  };
}
