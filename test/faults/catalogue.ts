import { generateIdentity, identityToRecipient } from "age-encryption";
import type { ErrorCode } from "../../src/errors.ts";
import { generateSigningKey, parseSigningKey } from "../../src/keys/signing-keys.ts";
import { altered, pack, type PackOptions, revocation } from "../support/artifacts.ts";
import {
  alwaysNotModified,
  announcingTooMuch,
  answering,
  cuttingShort,
  endless,
  hanging,
  type Origin,
  resetting,
  slow,
  staleEtag,
  stalling,
  truncating,
} from "../support/origin.ts";
import { resigned } from "../support/signed.ts";

/** What a client that asks for secrets sees: a revision, or the error of a 503. */
export type Sight =
  /** The revision from before the fault. */
  | "held"
  /** What the origin got while the fault lasted. */
  | "newer"
  /** What the origin went back to. */
  | "older"
  | "Secrets not yet loaded"
  | "Secrets expired"
  | "Artifact revoked";

export interface Fault {
  readonly name: string;
  begin(scene: Scene): void | Promise<void>;
  /** What `/v1/health` then gives as the last failure; null where nothing fails. */
  readonly code: ErrorCode | null;
  readonly sees: {
    /** Within the TTL. */
    readonly during: Sight;
    /** When the TTL since the last successful refresh is over. */
    readonly later: Sight;
    /** After a restart in between, without a disk cache: at once and from then on. */
    readonly restarted: Sight;
    /** With one: first, and when the TTL is over, which the restart does not extend. */
    readonly restartedWithCache: readonly [Sight, Sight];
  };
  /** Seconds that the origin asks to be left alone. */
  readonly retryAfterSeconds?: number;
  /** Real milliseconds after which a fetch gives up while the fault lasts. */
  readonly deadlineMs?: number;
}

/**
 * What clients see in just-in-time mode: its TTL is a week, which no fault lasts here, so what they see
 * first is what they see to the end.
 */
export function justInTime({ sees }: Fault): Fault["sees"] {
  const { during, restarted, restartedWithCache } = sees;
  const [first] = restartedWithCache;
  return { during, later: during, restarted, restartedWithCache: [first, first] };
}

/** What a fault can break. */
export interface Scene {
  readonly origin: Origin;
  /** The artifact that every agent serves when the fault begins. */
  readonly held: string;
  /** Packs and signs one, by the agents' clock. */
  pack(
    value: Sight | "other",
    options?: PackOptions & { readonly agoMs?: number },
  ): Promise<string>;
  readonly nowMs: number;
}

/** The origin gives nothing that can be used: what is held is served for the rest of its TTL. */
const NOTHING_NEW = {
  during: "held",
  later: "Secrets expired",
  restarted: "Secrets not yet loaded",
  restartedWithCache: ["held", "Secrets expired"],
} as const;

/** The origin says that nothing changed, and who holds something believes it. */
const STILL_GOOD = { ...NOTHING_NEW, later: "held" } as const;

const HTML = "<!doctype html><title>Sign in</title><h1>Sign in to continue</h1>";
const GIVE_UP_MS = 100;

function behaving(behaviour: Origin["behaviour"]): Fault["begin"] {
  return ({ origin }) => {
    origin.behaviour = behaviour;
  };
}

function holding(artifact: (scene: Scene) => string | Promise<string>): Fault["begin"] {
  return async (scene) => {
    scene.origin.artifact = await artifact(scene);
  };
}

function failing(
  name: string,
  code: ErrorCode,
  behaviour: Origin["behaviour"],
  more: { readonly retryAfterSeconds?: number; readonly deadlineMs?: number } = {},
): Fault {
  return { name, code, begin: behaving(behaviour), sees: NOTHING_NEW, ...more };
}

function refused(
  name: string,
  code: ErrorCode,
  artifact: (scene: Scene) => string | Promise<string>,
): Fault {
  return { name, code, begin: holding(artifact), sees: NOTHING_NEW };
}

const network: readonly Fault[] = [
  {
    name: "the origin is down (connection refused)",
    code: "source_unreachable",
    begin: ({ origin }) => origin.down(),
    sees: NOTHING_NEW,
  },
  failing("it resets the connection", "source_truncated", resetting),
  failing("it takes the request and never answers", "source_timeout", hanging, {
    deadlineMs: GIVE_UP_MS,
  }),
  failing("it stops in the middle of the body", "source_timeout", stalling, {
    deadlineMs: GIVE_UP_MS,
  }),
  failing("it closes in the middle of the body", "source_truncated", truncating),
  failing("it announces more than 16 MiB", "source_too_large", announcingTooMuch),
  failing("it sends more than 16 MiB without end", "source_too_large", endless),
  {
    name: "it is slow, but within 10 s",
    code: null,
    begin: async (scene) => {
      scene.origin.artifact = await scene.pack("newer");
      scene.origin.behaviour = slow(20);
    },
    sees: {
      during: "newer",
      later: "newer",
      restarted: "newer",
      restartedWithCache: ["newer", "newer"],
    },
  },
];

const answers: readonly Fault[] = [
  failing("401", "source_unauthorized", answering(401)),
  failing("403", "source_forbidden", answering(403)),
  failing("404", "source_not_found", answering(404)),
  failing(
    "429 with `Retry-After: 12`",
    "source_rate_limited",
    answering(429, { "retry-after": "12" }),
    { retryAfterSeconds: 12 },
  ),
  failing("500", "source_server_error", answering(500)),
  failing(
    "503 with `Retry-After: 12`",
    "source_server_error",
    answering(503, { "retry-after": "12" }),
    { retryAfterSeconds: 12 },
  ),
  failing(
    "redirects in a circle",
    "source_redirect",
    answering(302, { location: "/artifact.json" }),
  ),
  failing("200 with an HTML page", "json_parse", answering(200, {}, HTML)),
  failing("200 with nothing", "json_parse", answering(200)),
  failing("200 with half of the artifact", "json_parse", cuttingShort),
  {
    name: "304 to everyone, even without `If-None-Match`",
    code: null,
    begin: behaving(alwaysNotModified),
    sees: STILL_GOOD,
  },
  {
    name: "a stale ETag: 304 though the artifact changed",
    code: null,
    begin: async (scene) => {
      scene.origin.artifact = await scene.pack("newer");
      scene.origin.behaviour = staleEtag;
    },
    // A restarted agent asks without an ETag.
    sees: {
      during: "held",
      later: "held",
      restarted: "newer",
      restartedWithCache: ["newer", "newer"],
    },
  },
];

const anotherKey = parseSigningKey(generateSigningKey().privatePem);
const anotherRecipient = await identityToRecipient(await generateIdentity());

const artifacts: readonly Fault[] = [
  refused("a ciphertext that was changed", "integrity", ({ held }) =>
    altered(held, { ciphertext: flipped(held) }),
  ),
  refused("a signed field that was changed", "signature_invalid", ({ held }) =>
    altered(held, { expiresAt: "2099-01-01T00:00:00Z" }),
  ),
  refused("no signature", "signature_missing", async ({ nowMs }) => pack({ nowMs })),
  refused("a signature of someone else", "signature_invalid", async (scene) =>
    resigned(await scene.pack("other"), {}, anotherKey),
  ),
  refused("an artifact of another identity", "identity_mismatch", (scene) =>
    scene.pack("other", { identity: "billing" }),
  ),
  refused("an artifact of another environment", "identity_mismatch", (scene) =>
    scene.pack("other", { environment: "staging" }),
  ),
  refused("a revocation marker of another identity", "identity_mismatch", ({ nowMs }) =>
    altered(revocation(nowMs), { identity: "billing" }),
  ),
  refused("an artifact for other recipients", "decrypt", (scene) =>
    scene.pack("other", { recipients: [anotherRecipient] }),
  ),
  refused("a payload that is no object of strings", "payload_shape", (scene) =>
    scene.pack("other", { payload: '{"KEY":1}' }),
  ),
  {
    name: "an older artifact (rollback)",
    code: "rollback",
    begin: holding((scene) => scene.pack("older", { agoMs: 3_600_000 })),
    // What was accepted before is remembered by the disk cache and by nothing else.
    sees: { ...NOTHING_NEW, restarted: "older" },
  },
  {
    name: "the same revision with other bytes",
    code: "revision_conflict",
    begin: holding(async (scene) => {
      const { revision } = JSON.parse(scene.held) as { readonly revision: string };
      return resigned(await scene.pack("newer"), { revision });
    }),
    sees: { ...NOTHING_NEW, restarted: "newer" },
  },
  {
    name: "an artifact past its `expiresAt`",
    code: "expired",
    begin: holding((scene) => scene.pack("other", { agoMs: 60_000, ttlMs: 30_000 })),
    sees: { ...NOTHING_NEW, restarted: "Secrets expired" },
  },
  {
    name: "a revocation marker",
    code: null,
    begin: holding(({ nowMs }) => revocation(nowMs)),
    sees: {
      during: "Artifact revoked",
      later: "Artifact revoked",
      restarted: "Artifact revoked",
      restartedWithCache: ["Artifact revoked", "Artifact revoked"],
    },
  },
];

/** Every fault of an origin, by where it shows. */
export const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  "The network fails": network,
  "The origin answers": answers,
  "The origin holds": artifacts,
};

function flipped(artifact: string): string {
  const { ciphertext } = JSON.parse(artifact) as { readonly ciphertext: string };
  return (ciphertext.startsWith("A") ? "B" : "A") + ciphertext.slice(1);
}
