import { isUtf8 } from "node:buffer";

/** Larger than all vector registers together, and large enough for the routines that use them. */
const BLANK: Buffer = Buffer.alloc(8_192);

/**
 * Overwrites what the vector registers still hold of secret bytes that were checked or copied. The
 * runtime saves these registers to the heap now and then, as when it deoptimises a function, and no
 * wipe reaches that copy; a core dump contains the registers themselves as well.
 */
export function scrubRegisters(): void {
  isUtf8(BLANK);
  BLANK.copy(BLANK, 4_096, 0, 4_096);
}
