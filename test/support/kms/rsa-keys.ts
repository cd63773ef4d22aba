import { generateKeyPairSync, type KeyObject } from "node:crypto";

/** A pair of RSA keys. */
export interface RsaKeys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const made = new Map<string, RsaKeys>();

/** The keys of whom it names, made once in a process: a pair takes longer than most tests. */
export function rsaKeys(whose: string): RsaKeys {
  const keys = made.get(whose) ?? generateKeyPairSync("rsa", { modulusLength: 2048 });
  made.set(whose, keys);
  return keys;
}
