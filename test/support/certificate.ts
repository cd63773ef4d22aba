import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { der, sequence } from "./der.ts";

export interface Certificate {
  /** PEM of the certificate, which vouches for itself. */
  readonly cert: string;
  /** PEM of its private key. */
  readonly key: string;
}

/** A certificate for some host names, made for this test (RFC 5280, in DER). */
export function certificateFor(hosts: readonly string[]): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ format: "der", type: "spki" });
  const serial = der(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(8)]));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    serial,
    ECDSA_WITH_SHA256,
    NAME,
    sequence(utcTime(Date.now() - DAY_MS), utcTime(Date.now() + DAY_MS)),
    NAME,
    spki,
    der(0xa3, sequence(alternativeNames(hosts), BASIC_CONSTRAINTS)),
  );
  const signature = bitString(sign("sha256", body, privateKey));
  const certificate = sequence(body, ECDSA_WITH_SHA256, signature).toString("base64");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.match(/.{1,64}/g)?.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ format: "pem", type: "pkcs8" }),
  };
}

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(objectId("2a8648ce3d040302"));
const NAME = sequence(
  der(0x31, sequence(objectId("550403"), der(0x0c, Buffer.from("clef-agent test")))),
);
const BASIC_CONSTRAINTS = sequence(
  objectId("551d13"),
  der(0x01, Buffer.from([0xff])),
  der(0x04, sequence(der(0x01, Buffer.from([0xff])))),
);

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = hosts.map((host) => der(0x82, Buffer.from(host)));
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
