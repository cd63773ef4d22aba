import type { VerifiedArtifact } from "../artifact/verify.ts";
import type { Decrypt } from "../decrypt/decrypt.ts";
import { asAgentError } from "../errors.ts";
import { LENT_MS, PLAINTEXTS_AT_ONCE, READERS_WAITING } from "../limits.ts";
import type { Clock } from "../system/clock.ts";
import { type HasLeft, Places } from "./places.ts";
import type { Opened, SecretsStore } from "./secrets.ts";
import { Snapshot } from "./snapshot.ts";

/**
 * Just-in-time mode: keeps the verified artifact, still encrypted, and decrypts it for every reader
 * anew. A plaintext lives until its one answer was sent (contract, section 4).
 */
export function justInTimeStore(decrypt: Decrypt, clock: Clock): SecretsStore {
  let held: VerifiedArtifact | undefined;
  const lent = new Set<Snapshot>();
  const places = new Places(PLAINTEXTS_AT_ONCE, READERS_WAITING);

  const snapshotOf = async (artifact: VerifiedArtifact): Promise<Snapshot> => {
    const { revision, ciphertextHash } = artifact.fields;
    return new Snapshot(revision, ciphertextHash, await decrypt(artifact));
  };

  const openHeld = async (): Promise<Snapshot | "empty"> => {
    const artifact = held;
    if (artifact === undefined) return "empty";
    const snapshot = await snapshotOf(artifact);
    if (held === artifact) return snapshot;
    // Revoked, expired or replaced while it was decrypted.
    snapshot.retire(clock);
    return openHeld();
  };

  const lend = (snapshot: Snapshot): void => {
    lent.add(snapshot);
    snapshot.lend(clock, LENT_MS, () => {
      lent.delete(snapshot);
      places.leave();
    });
  };

  const hold = (artifact: VerifiedArtifact | undefined): void => {
    held = artifact;
    for (const snapshot of lent) snapshot.retire(clock);
  };

  return {
    async stage(artifact) {
      const proof = await snapshotOf(artifact);
      // What cannot be decrypted, or is not made of secrets, takes the place of nothing. What every
      // reader decrypts later are the same bytes: the cipher authenticates them.
      proof.check();
      proof.retire(clock);
      return {
        keyCount: undefined,
        commit: () => hold(artifact),
        discard: () => undefined,
      };
    },

    async open(hasLeft?: HasLeft): Promise<Opened> {
      if (!(await places.enter(hasLeft))) return "busy";
      try {
        const opened = await openHeld();
        if (opened instanceof Snapshot) lend(opened);
        else places.leave();
        return opened;
      } catch (thrown) {
        places.leave();
        return asAgentError(thrown, "decrypt", "it cannot be decrypted");
      }
    },

    wipe: () => hold(undefined),
  };
}
