import type { OpenResult, SecretsStore } from "../../src/store/secrets.ts";
import { Snapshot } from "../../src/store/snapshot.ts";

/** The plaintext of a revision, with the buffer that it lives in, to look at after a wipe. */
export function snapshotOf(
  secrets: unknown,
  revision = "1-00000000",
): { readonly snapshot: Snapshot; readonly plaintext: Buffer } {
  const plaintext = Buffer.from(typeof secrets === "string" ? secrets : JSON.stringify(secrets));
  return { snapshot: new Snapshot(revision, "00".repeat(32), plaintext), plaintext };
}

export function isZero(buffer: Buffer): boolean {
  return buffer.every((byte) => byte === 0);
}

/** What a store holds in plaintext, without opening it for a reader; undefined if there is none. */
export function heldBy(store: SecretsStore): Snapshot | undefined {
  const opened = store.open();
  return opened instanceof Snapshot ? opened : undefined;
}

/** Opens a store as a reader does, looks, and lets go. */
export async function readOnce<Seen>(
  store: SecretsStore,
  look: (snapshot: Snapshot) => Seen,
): Promise<Seen | Exclude<OpenResult, Snapshot>> {
  const opened = await store.open();
  if (!(opened instanceof Snapshot)) return opened;
  const seen = look(opened);
  opened.release({ cutOff: () => undefined });
  return seen;
}
