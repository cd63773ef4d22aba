import { tls } from "../system/https.ts";

/**
 * Where the systems keep the certificates that they trust, as one PEM file each: Debian and what comes from
 * it, Fedora and RHEL, openSUSE, Alpine and the BSDs. The first that is there counts.
 */
export const SYSTEM_FILES: readonly string[] = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** The certificates of a system without such a file (macOS, Windows), where this Node.js can tell. */
export function storeOfNode(): readonly string[] {
  const { getCACertificates } = tls();
  // Node.js before 22.15 has no such function.
  return typeof getCACertificates === "function" ? getCACertificates("system") : [];
}
