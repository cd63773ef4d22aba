/** What is used of libsodium's WebAssembly, which comes without types. Addresses are offsets in `HEAPU8`. */
declare module "libsodium" {
  export interface Sodium {
    /** Its whole memory. */
    readonly HEAPU8: Uint8Array;
    _malloc(length: number): number;
    /** @returns 0, or -1 where the tag is not that of the ciphertext. */
    _crypto_aead_chacha20poly1305_ietf_decrypt_detached(
      plaintext: number,
      secretNonce: 0,
      ciphertext: number,
      length: number,
      lengthHigh: 0,
      tag: number,
      additional: 0,
      additionalLength: 0,
      additionalLengthHigh: 0,
      nonce: number,
      key: number,
    ): number;
  }

  export default function start(options: object): Promise<Sodium>;
}
