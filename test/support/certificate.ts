import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { der, sequence } from "./der.ts";

export interface Certificate {
  /** PEM of the certificate. */
  readonly cert: string;
  /** PEM of its private key. */
  readonly key: string;
}

/** Who issues a certificate. */
export interface Authority extends Certificate {
  readonly name: string;
}

export interface CertificateOptions {
  /** Undefined vouches for itself. */
  readonly issuer?: Authority;
  /** Unix ms; a day around now without them. */
  readonly from?: number;
  readonly until?: number;
}

/** A certificate for some host names or addresses, made for this test (RFC 5280, in DER). */
export function certificateFor(
  hosts: readonly string[],
  options: CertificateOptions = {},
): Certificate {
  const isOwn = options.issuer === undefined;
  return issue(
    "clef-agent test",
    sequence(alternativeNames(hosts), basicConstraints(isOwn)),
    options,
  );
}

/** A CA of the test's own. */
export function authority(name = `CA ${randomBytes(4).toString("hex")}`): Authority {
  return { name, ...issue(name, sequence(basicConstraints(true)), {}) };
}

function issue(subject: string, extensions: Buffer, options: CertificateOptions): Certificate {
  const { issuer, from = Date.now() - DAY_MS, until = Date.now() + DAY_MS } = options;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ format: "pem", type: "pkcs8" });
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    nameOf(issuer?.name ?? subject),
    sequence(utcTime(from), utcTime(until)),
    nameOf(subject),
    publicKey.export({ format: "der", type: "spki" }),
    der(0xa3, extensions),
  );
  const signer: KeyObject | string = issuer?.key ?? privateKey;
  const signature = bitString(sign("sha256", body, signer));
  const certificate = sequence(body, ECDSA_WITH_SHA256, signature).toString("base64");
  const cert = `-----BEGIN CERTIFICATE-----\n${certificate.match(/.{1,64}/g)?.join("\n")}\n-----END CERTIFICATE-----\n`;
  return { cert, key };
}

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(objectId("2a8648ce3d040302"));

function nameOf(text: string): Buffer {
  return sequence(der(0x31, sequence(objectId("550403"), der(0x0c, Buffer.from(text)))));
}

function basicConstraints(isAuthority: boolean): Buffer {
  const value = isAuthority ? sequence(der(0x01, Buffer.from([0xff]))) : sequence();
  return sequence(objectId("551d13"), der(0x01, Buffer.from([0xff])), der(0x04, value));
}

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) =>
    /^\d+\.\d+\.\d+\.\d+$/.test(host)
      ? der(0x87, Buffer.from(host.split(".").map(Number)))
      : der(0x82, Buffer.from(host)),
  );
  return sequence(objectId("551d11"), der(0x04, sequence(...names)));
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/\D/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), bytes]));
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}
