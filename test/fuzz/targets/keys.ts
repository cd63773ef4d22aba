import assert from "node:assert/strict";
import { parseAgeIdentities } from "../../../src/keys/age-identities.ts";
import { parseRecipient } from "../../../src/keys/age-recipients.ts";
import { parseSigningKey } from "../../../src/keys/signing-keys.ts";
import { parseVerifyKeys } from "../../../src/keys/verify-keys.ts";
import { namedCertificates } from "../../../src/net/certificates.ts";
import { keyPair } from "../../../src/net/client-certificate.ts";
import {
  AGE_IDENTITY,
  AGE_RECIPIENT,
  SIGNING_KEY_PEM,
  VERIFY_KEY,
} from "../../support/artifacts.ts";
import { certificateFor } from "../../support/certificate.ts";
import type { FuzzTarget } from "../target.ts";

const own = certificateFor(["agent.example"]);
const named = (variable: string): { readonly variable: string; readonly path: string } => ({
  variable,
  path: "/f",
});
const settings = { certificate: named("CERT"), key: named("KEY") };

const der = (pem: string): string =>
  Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64").toString("latin1");
const base64 = (text: string): string => Buffer.from(text, "latin1").toString("base64");
const pem = (what: string, text: string): string =>
  `-----BEGIN ${what}-----\n${base64(text)}\n-----END ${what}-----\n`;

/** What is read, by the first byte of the input; in capitals it is the DER in what is read. */
const READERS: ReadonlyMap<string, (text: string) => void> = new Map([
  ["v", (text) => assert.ok(parseVerifyKeys(text).length > 0)],
  ["V", (text) => assert.equal(parseVerifyKeys(base64(text)).length, 1)],
  ["s", (text) => assert.ok(["Ed25519", "ECDSA_SHA256"].includes(parseSigningKey(text).algorithm))],
  ["S", (text) => void parseSigningKey(base64(text))],
  ["c", (text) => assert.ok(namedCertificates(text).length > 0)],
  ["C", (text) => void namedCertificates(pem("CERTIFICATE", text))],
  ["k", (text) => void keyPair(settings, text, own.key)],
  ["K", (text) => void keyPair(settings, own.cert, pem("PRIVATE KEY", text))],
  ["a", (text) => assert.ok(parseAgeIdentities(text).length > 0)],
  ["r", (text) => assert.ok(parseRecipient(text) === undefined || parseRecipient(text) !== "")],
]);

/** Keys and certificates, as text and as the DER in it. */
export const target: FuzzTarget = {
  maxBytes: 900,
  seeds: [
    `v${VERIFY_KEY},${VERIFY_KEY}`,
    `v-----BEGIN PUBLIC KEY-----\\n${VERIFY_KEY}\\n-----END PUBLIC KEY-----`,
    `s${SIGNING_KEY_PEM}`,
    `c# a comment\n${own.cert}`,
    `k${own.cert}${own.cert}`,
    `a# made\n${AGE_IDENTITY}\n\n${AGE_IDENTITY}\n`,
    "aage1x\n",
    "aAGE-PLUGIN-X-1\n",
    'a"x"\n',
    `r${AGE_RECIPIENT}`,
    ...[
      `V${Buffer.from(VERIFY_KEY, "base64").toString("latin1")}`,
      `S${der(SIGNING_KEY_PEM)}`,
      `C${der(own.cert)}`,
      `K${der(own.key)}`,
    ].map((text) => Buffer.from(text, "latin1")),
  ],
  words: [
    ..."CERTIFICATE,PUBLIC KEY,PRIVATE KEY,EC PRIVATE KEY,ENCRYPTED PRIVATE KEY"
      .split(",")
      .flatMap((what) => [`-----BEGIN ${what}-----`, `-----END ${what}-----`]),
    ..."AGE-SECRET-KEY-1 AGE-SECRET-KEY-PQ-1 AGE-PLUGIN- age1 age1pq1 ssh-ed25519 ssh-rsa age-encryption.org/v1".split(
      " ",
    ),
    VERIFY_KEY,
    AGE_IDENTITY,
    AGE_RECIPIENT,
    String.raw`\n`,
    "\n",
    ",",
    "#",
    // DER: sequences, integers and the names of algorithms.
    "\x30\x82",
    "\x02\x01\x00",
    "\x02\x01\x02",
    "\x03\x02\x01\x06",
    "\x06\x03\x2b\x65\x70",
    "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01",
    "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
    "\x06\x05\x2b\x81\x04\x00\x22",
    "\x30\x80\x00\x00",
    "\x84\xff\xff\xff\xff",
  ],
  run(input) {
    const text = input.toString("latin1", 1);
    const read = READERS.get(input.toString("latin1", 0, 1));
    try {
      read?.(text);
    } catch (error) {
      assert.ok(error instanceof Error && error.constructor === Error, "it is refused by accident");
      assert.ok(!/[\n\r]/.test(error.message), "more than a line");
      for (const [word] of text.matchAll(/[A-Za-z0-9+/=]{20,}/g)) {
        assert.ok(!error.message.includes(word), "what was given is repeated");
      }
    }
  },
};
