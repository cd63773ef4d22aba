import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { AgeFile, AgeStanza } from "../artifact/age-file.ts";
import { nextTurn } from "../system/slices.ts";
import type { OpenSealed } from "./open-sealed.ts";

/** Opens file keys for one identity. */
export interface FileKeyUnwrapper {
  /**
   * @param header - the bytes that the stanzas stand in, from the beginning to the payload.
   * @returns the file key, which belongs to the caller, from the stanza that was made for this identity;
   * undefined if none was.
   * @throws Error if a stanza of its kind is malformed.
   */
  unwrap(
    stanzas: readonly AgeStanza[],
    header: Buffer,
    open: OpenSealed,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

/**
 * The file key of an age file, by the first of the identities that opens it. The header is authenticated
 * with it (https://c2sp.org/age, "Header MAC").
 *
 * @returns undefined if no identity opens it, or the header was changed.
 * @throws Error if a stanza of an identity's kind is malformed.
 */
export async function unwrapFileKey(
  unwrappers: readonly FileKeyUnwrapper[],
  file: Buffer,
  structure: AgeFile,
  open: OpenSealed,
): Promise<Uint8Array | undefined> {
  const header = file.subarray(0, structure.payload);
  for (const [index, unwrapper] of unwrappers.entries()) {
    // Between two identities, timers and clients have their turn.
    // oxlint-disable-next-line no-await-in-loop -- one after the other, until one fits
    if (index > 0) await nextTurn();
    // oxlint-disable-next-line no-await-in-loop -- as above
    const fileKey = await unwrapper.unwrap(structure.stanzas, header, open);
    if (fileKey === undefined) continue;
    if (timingSafeEqual(headerMac(fileKey, file, structure.macLine), structure.mac)) return fileKey;
    fileKey.fill(0);
    return undefined;
  }
  return undefined;
}

/** The MAC over the header up to and with the `---` of its line (https://c2sp.org/age, "Header MAC"). */
export function headerMac(fileKey: Uint8Array, file: Buffer, macLine: number): Buffer {
  const key = Buffer.from(hkdfSync("sha256", fileKey, "", "header", 32));
  const mac = createHmac("sha256", key)
    .update(file.subarray(0, macLine + "---".length))
    .digest();
  key.fill(0);
  return mac;
}
