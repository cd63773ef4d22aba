import { createPrivateKey, X509Certificate } from "node:crypto";
import { systemCode } from "../errors.ts";
import { KEY_FILE_MAX_BYTES } from "../limits.ts";
import { readBounded } from "../system/read-file.ts";
import { certificatesIn } from "./certificates.ts";
import type { ClientCertificateSettings, NamedFile } from "./settings.ts";
import { stateOf } from "./trust-files.ts";

/** A certificate, with its chain, and the key that belongs to it; both in PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/**
 * The client certificate, read again as a pair when one of its two files changes. What it gives is the same
 * object as long as nothing changed.
 */
export class ClientCertificate {
  readonly #settings: ClientCertificateSettings;
  readonly #warn: (problem: string) => void;
  #current: KeyPair | undefined;
  #state: string | undefined;

  constructor(settings: ClientCertificateSettings, warn: (problem: string) => void) {
    this.#settings = settings;
    this.#warn = warn;
  }

  /**
   * A pair that does not match, as while it is being replaced, leaves the old one in use, with a warning.
   *
   * @throws Error fit for an operator where there never was one.
   */
  async now(): Promise<KeyPair> {
    const { certificate, key } = this.#settings;
    const state = await stateOf([certificate.path, key.path]);
    if (this.#current !== undefined && state === this.#state) return this.#current;
    try {
      const [certText, keyText] = await Promise.all([textOf(certificate), textOf(key)]);
      this.#current = keyPair(this.#settings, certText, keyText);
    } catch (error) {
      if (this.#current === undefined) throw error;
      this.#warn(
        `the client certificate in use stays: ${error instanceof Error ? error.message : "a file cannot be read"}`,
      );
    }
    this.#state = state;
    return this.#current;
  }
}

/**
 * Checks that a certificate and a key belong together.
 *
 * @throws Error that names the variable at fault.
 */
export function keyPair(
  { certificate, key }: ClientCertificateSettings,
  certText: string,
  keyText: string,
): KeyPair {
  const [first] = certificatesIn(certText);
  const own = first === undefined ? undefined : parsed(() => new X509Certificate(first));
  if (own === undefined) {
    throw new Error(
      `${certificate.variable}: the file holds no certificate that can be read; it must be PEM, -----BEGIN CERTIFICATE-----`,
    );
  }
  const privateKey = parsed(() => createPrivateKey(keyText));
  if (privateKey === undefined) {
    throw new Error(
      `${key.variable}: the file holds no private key in PEM that can be read; one with a passphrase cannot`,
    );
  }
  if (!own.checkPrivateKey(privateKey)) {
    throw new Error(
      `the key in ${key.variable} does not belong to the certificate in ${certificate.variable}`,
    );
  }
  return { cert: certText, key: keyText };
}

/** Undefined for what cannot be read; what the library says of a key is not for a log. */
function parsed<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

async function textOf({ variable, path }: NamedFile): Promise<string> {
  try {
    const read = await readBounded(path, KEY_FILE_MAX_BYTES);
    if (read.kind === "bytes") return read.bytes.toString("latin1");
  } catch (error) {
    throw new Error(
      `${variable}: the file cannot be read (${systemCode(error) ?? "unknown error"})`,
      {
        cause: error,
      },
    );
  }
  throw new Error(`${variable}: it is not a small file`);
}
