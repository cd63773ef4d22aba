import { systemCode } from "../errors.ts";

/** What is wrong with a certificate, in words that follow "its certificate". */
type Verdict = "issuer" | "expired" | "not_yet_valid" | "other_name" | "revoked" | "unfit";

/**
 * Codes of OpenSSL's verification (`X509_verify_cert_error_string`), as Node.js names them, and its own for
 * the name (https://nodejs.org/api/tls.html#x509-certificate-error-codes).
 */
const VERDICTS: ReadonlyMap<string, Verdict> = new Map([
  ["UNABLE_TO_GET_ISSUER_CERT", "issuer"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "issuer"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "issuer"],
  ["UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY", "issuer"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "issuer"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "issuer"],
  ["CERT_UNTRUSTED", "issuer"],
  ["CERT_REJECTED", "issuer"],
  ["CERT_SIGNATURE_FAILURE", "issuer"],
  ["CERT_CHAIN_TOO_LONG", "issuer"],
  ["INVALID_CA", "issuer"],
  ["INVALID_PURPOSE", "issuer"],
  ["PATH_LENGTH_EXCEEDED", "issuer"],
  ["CERT_HAS_EXPIRED", "expired"],
  ["CERT_NOT_YET_VALID", "not_yet_valid"],
  ["HOSTNAME_MISMATCH", "other_name"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "other_name"],
  ["CERT_REVOKED", "revoked"],
  ["ERROR_IN_CERT_NOT_BEFORE_FIELD", "unfit"],
  ["ERROR_IN_CERT_NOT_AFTER_FIELD", "unfit"],
  ["UNABLE_TO_DECRYPT_CERT_SIGNATURE", "unfit"],
  // What Node.js has no name for, such as a key that is too short.
  ["UNSPECIFIED", "unfit"],
]);

/**
 * Why a certificate was not accepted and what helps, to be read after "shows a certificate"; undefined
 * for an error of any other kind.
 *
 * @param only - whether `CLEF_AGENT_CA_ONLY` is on.
 */
export function untrustedProblem(error: unknown, only: boolean): string | undefined {
  const code = systemCode(error) ?? "";
  const verdict = VERDICTS.get(code);
  switch (verdict) {
    case undefined:
      return undefined;
    case "issuer":
      return only
        ? `whose issuer is not in CLEF_AGENT_CA_FILE (${code}); add its CA there, or unset CLEF_AGENT_CA_ONLY`
        : `whose issuer is not trusted (${code}); name a file with its CA in CLEF_AGENT_CA_FILE`;
    case "expired":
      return `that has expired (${code}); renew it there, or in CLEF_AGENT_CA_FILE if it is a CA, or set the clock of this machine`;
    case "not_yet_valid":
      return `that is not valid yet (${code}); set the clock of this machine, or of the one that issued it`;
    case "other_name":
      return `for ${namesIn(error)}, and not for the name in the address (${code}); use a name that it has`;
    case "revoked":
      return `that was revoked (${code}); renew it there`;
    case "unfit":
      return `that cannot be verified (${code}), as with a key that is too short; issue another one there`;
  }
}

/** The names that the certificate is for; they come from a stranger, so no more than a few plain ones. */
function namesIn(error: unknown): string {
  const cert: unknown = error instanceof Error && "cert" in error ? error.cert : undefined;
  const listed: unknown =
    typeof cert === "object" && cert !== null && "subjectaltname" in cert
      ? cert.subjectaltname
      : undefined;
  const names = (typeof listed === "string" ? listed : "")
    .split(", ")
    .map((name) => /^(?:DNS|IP Address):([\w.*:-]{1,253})$/.exec(name)?.[1])
    .filter((name) => name !== undefined);
  if (names.length === 0) return "another name";
  return names.length > 3 ? `${names.slice(0, 3).join(", ")} and others` : names.join(", ");
}

/**
 * What a server that refuses the agent for its certificate says (the alerts of RFC 8446, section 6.2, as OpenSSL
 * names them), in words that follow the address; undefined for any other code.
 */
export function certificateRefusal(code: string | undefined): string | undefined {
  switch (code) {
    case "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED":
      return `wants a client certificate (${code}); name one in CLEF_AGENT_CLIENT_CERT_FILE, and its key in CLEF_AGENT_CLIENT_KEY_FILE`;
    case "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE":
      return `refuses the TLS handshake (${code}), as a server does that wants a client certificate; CLEF_AGENT_CLIENT_CERT_FILE and CLEF_AGENT_CLIENT_KEY_FILE name one`;
    case "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA":
    case "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE":
    case "ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE":
    case "ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED":
    case "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED":
    case "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN":
      return `does not accept the client certificate (${code}); check CLEF_AGENT_CLIENT_CERT_FILE: who issued it, and until when it is valid`;
    default:
      return undefined;
  }
}
