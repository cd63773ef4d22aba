import { X509Certificate } from "node:crypto";

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates in a PEM file, as they stand there; what else is in it is passed over. */
export function certificatesIn(text: string): readonly string[] {
  return text.match(BLOCK) ?? [];
}

/**
 * The certificates in a file that somebody named to be trusted. OpenSSL passes over what it cannot read, and so
 * does this where there are others that can be read.
 *
 * @throws Error fit for an operator where there is none, or none that can be read.
 */
export function namedCertificates(text: string): readonly string[] {
  const blocks = certificatesIn(text);
  if (blocks.length === 0) {
    throw new Error("the file holds no certificate; it must be PEM, -----BEGIN CERTIFICATE-----");
  }
  if (!blocks.some(isReadable)) throw new Error("no certificate in the file can be read");
  return blocks;
}

function isReadable(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}

/** What is the same for the same certificate, however its lines are broken. */
export function certificateKey(pem: string): string {
  return pem.replaceAll(/-----[^-]+-----|\s+/g, "");
}
