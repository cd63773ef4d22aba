import type { VerifiedArtifact } from "../artifact/verify.ts";
import type { Decrypt } from "../decrypt/decrypt.ts";
import { asAgentError } from "../errors.ts";
import {
  PLAINTEXT_BYTES_AT_ONCE,
  PLAINTEXTS_AT_ONCE,
  READERS_WAITING,
  SINGLE_USE_MS,
} from "../limits.ts";
import { nextTurn } from "../system/slices.ts";
import type { Clock } from "../system/clock.ts";
import { type IsCancelled, Semaphore } from "./semaphore.ts";
import type { OpenResult, SecretsStore } from "./secrets.ts";
import { payloadTag, Snapshot } from "./snapshot.ts";

/** What is decrypted for each reader, and the tag of what comes out, which is the same every time. */
interface Held {
  readonly artifact: VerifiedArtifact;
  readonly tag: string;
}

/**
 * Just-in-time mode: keeps the verified artifact, still encrypted, and decrypts it for every reader
 * anew. A plaintext lives until its one answer was sent (contract, section 4).
 */
export function justInTimeStore(decrypt: Decrypt, clock: Clock): SecretsStore {
  let held: Held | undefined;
  const inUse = new Set<Snapshot>();
  const slots = new Semaphore(PLAINTEXTS_AT_ONCE, READERS_WAITING);

  const snapshotOf = async ({ artifact, tag }: Held): Promise<Snapshot> =>
    new Snapshot(artifact.fields.revision, tag, await decrypt(artifact));

  const openHeld = async (): Promise<Snapshot | "empty"> => {
    const before = held;
    if (before === undefined) return "empty";
    const snapshot = await snapshotOf(before);
    if (held === before) return snapshot;
    // Revoked, expired or replaced while it was decrypted.
    snapshot.retire(clock);
    return openHeld();
  };

  const limit = (snapshot: Snapshot): void => {
    inUse.add(snapshot);
    snapshot.limitToOneUse(clock, SINGLE_USE_MS, () => {
      inUse.delete(snapshot);
      slots.release();
    });
  };

  const hold = (next: Held | undefined): void => {
    held = next;
    if (next !== undefined) slots.resize(plaintextsAtOnce(next.artifact));
    for (const snapshot of inUse) snapshot.retire(clock);
  };

  return {
    async stage(artifact) {
      const next = { artifact, tag: payloadTag(artifact.fields) };
      const proof = await snapshotOf(next);
      await nextTurn();
      // What cannot be decrypted, or is not made of secrets, takes the place of nothing. What every
      // reader decrypts later are the same bytes: the cipher authenticates them.
      proof.check();
      proof.retire(clock);
      return {
        keyCount: undefined,
        commit: () => hold(next),
        discard: () => undefined,
      };
    },

    async open(isCancelled?: IsCancelled): Promise<OpenResult> {
      if (!(await slots.acquire(isCancelled))) return "busy";
      try {
        const opened = await openHeld();
        if (opened instanceof Snapshot) limit(opened);
        else slots.release();
        return opened;
      } catch (thrown) {
        slots.release();
        return asAgentError(thrown, "decrypt", "it cannot be decrypted");
      }
    },

    wipe: () => hold(undefined),
  };
}

/** A plaintext is about as long as its ciphertext. */
function plaintextsAtOnce({ ciphertext }: VerifiedArtifact): number {
  const fitting = Math.floor(PLAINTEXT_BYTES_AT_ONCE / ciphertext.length);
  return Math.min(PLAINTEXTS_AT_ONCE, Math.max(1, fitting));
}
