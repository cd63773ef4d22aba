import assert from "node:assert/strict";
import { test } from "node:test";
import { certificateRefusal, untrustedProblem } from "../../../src/net/untrusted.ts";

const withCode = (code: string, cert?: object): Error =>
  Object.assign(new Error("from a library"), { code, cert });

test("each way in which a certificate is not to be trusted has words of its own", () => {
  const words = (
    [
      "CERT_UNTRUSTED",
      "CERT_HAS_EXPIRED",
      "CERT_NOT_YET_VALID",
      "HOSTNAME_MISMATCH",
      "CERT_REVOKED",
    ] as const
  ).map((code) => untrustedProblem(withCode(code), false) ?? assert.fail(code));
  assert.equal(new Set(words).size, words.length);
  for (const text of words) assert.doesNotMatch(text, /library/);
});

test("a certificate that OpenSSL refuses for what Node.js has no name for is not to be trusted either", () => {
  assert.match(untrustedProblem(withCode("UNSPECIFIED"), false) ?? "", /cannot be verified/);
});

test("an error that is not about a certificate is none of its business", () => {
  for (const code of ["ECONNREFUSED", "ERR_SSL_WRONG_VERSION_NUMBER", ""]) {
    assert.equal(untrustedProblem(withCode(code), true), undefined);
  }
});

test("of the names that a stranger's certificate claims, a few plain ones are repeated", () => {
  const said = (subjectaltname: unknown): string =>
    untrustedProblem(withCode("ERR_TLS_CERT_ALTNAME_INVALID", { subjectaltname }), false) ?? "";
  assert.match(said("DNS:a.example, IP Address:10.0.0.1"), /^for a\.example, 10\.0\.0\.1, and not/);
  assert.match(said("DNS:a, DNS:b, DNS:c, DNS:d"), /^for a, b, c and others, and not/);
  for (const odd of ["DNS:a b\n", "URI:https://x", 7, undefined, `DNS:${"a".repeat(300)}`]) {
    assert.match(said(odd), /^for another name, and not/);
  }
});

test("what a server says of the client certificate, or of its lack, names the variable", () => {
  for (const [code, words] of [
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", /^wants a client certificate/],
    ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", /^refuses the TLS handshake/],
    ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", /^does not accept the client certificate/],
    ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", /^does not accept the client certificate/],
  ] as const) {
    const said = certificateRefusal(code) ?? "";
    assert.match(said, words);
    assert.match(said, /CLEF_AGENT_CLIENT_CERT_FILE/);
  }
  assert.equal(certificateRefusal("ECONNRESET"), undefined);
  assert.equal(certificateRefusal(undefined), undefined);
});
