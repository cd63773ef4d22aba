import type { Decrypt } from "../decrypt/decrypt.ts";
import type { Clock } from "../system/clock.ts";
import { nextTurn } from "../system/slices.ts";
import type { SecretsStore } from "./secrets.ts";
import { payloadTag, Snapshot } from "./snapshot.ts";

/** Cached mode: decrypts an artifact once and keeps its plaintext until it is replaced or wiped. */
export function cachedStore(decrypt: Decrypt, clock: Clock): SecretsStore {
  let current: Snapshot | undefined;
  return {
    async stage(artifact) {
      const { fields } = artifact;
      const next = new Snapshot(fields.revision, payloadTag(fields), await decrypt(artifact));
      await nextTurn();
      next.check();
      return {
        keyCount: next.index.entries.length,
        commit() {
          current?.retire(clock);
          current = next;
        },
        discard: () => next.retire(clock),
      };
    },
    open: () => current ?? "empty",
    wipe() {
      current?.retire(clock);
      current = undefined;
    },
  };
}
