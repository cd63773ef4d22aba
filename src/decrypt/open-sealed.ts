import { chacha20poly1305 } from "@noble/ciphers/chacha.js";

/**
 * Opens what ChaCha20-Poly1305 has sealed, at most 64 KiB with its tag behind it, into `room`. No copy of it, nor of
 * the key, is left anywhere else.
 *
 * @throws Error if it was changed, or the key is another; what is in `room` is worth nothing then.
 */
export type OpenSealed = (
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  room: Uint8Array,
) => void;

/** Needs nothing that is not there: the one for who opens something now and then. */
export const openInJavaScript: OpenSealed = (key, nonce, sealed, room) => {
  chacha20poly1305(key, nonce).decrypt(sealed, room);
};

let loaded: Promise<OpenSealed> | undefined;

/**
 * The one for who opens something for every request: takes milliseconds to load, and a third of the time from then on.
 * Where there is no WebAssembly (`--jitless`), or no memory for it, it is the other one.
 */
export function openInWebAssembly(): Promise<OpenSealed> {
  loaded ??= import("./sodium.ts")
    .then(({ startSodium }) => startSodium())
    .catch(() => openInJavaScript);
  return loaded;
}
