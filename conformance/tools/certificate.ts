/** X.509 certificates (RFC 5280) written as DER, as Node.js can read them but not make them. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certification authority of its own. */
export class Authority {
  /** Its certificate, in PEM. */
  readonly pem: string;
  readonly #name: string;
  readonly #keys = generateKeyPairSync("ec", { namedCurve: "P-256" });

  constructor(name = `Conformance ${randomBytes(4).toString("hex")}`) {
    this.#name = name;
    const isAuthority = extension("551d13", true, sequence(BOOLEAN_TRUE));
    this.pem = this.#certificate(name, this.#keys.publicKey, [isAuthority], LATER);
  }

  /** A certificate for names and addresses, valid until 2049 unless told otherwise. */
  issue(names: readonly string[], notAfter = LATER): Certificate {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const entries = names.map((name) =>
      isIPv4(name)
        ? tlv(0x87, Buffer.from(name.split(".").map(Number)))
        : tlv(0x82, Buffer.from(name)),
    );
    const alternatives = extension("551d11", false, sequence(...entries));
    const cert = this.#certificate(names[0] ?? "", publicKey, [alternatives], notAfter);
    return { cert, key: privateKey.export({ format: "pem", type: "pkcs8" }) };
  }

  #certificate(
    subject: string,
    key: KeyObject,
    extensions: readonly Buffer[],
    notAfter: string,
  ): string {
    const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)]);
    const body = sequence(
      tlv(0xa0, tlv(0x02, Buffer.from([2]))),
      tlv(0x02, serial),
      ECDSA_WITH_SHA256,
      nameOf(this.#name),
      sequence(utcTime("200101000000Z"), utcTime(notAfter)),
      nameOf(subject),
      key.export({ format: "der", type: "spki" }),
      tlv(0xa3, sequence(...extensions)),
    );
    const signature = sign("sha256", body, this.#keys.privateKey);
    const der = sequence(body, ECDSA_WITH_SHA256, tlv(0x03, Buffer.from([0]), signature));
    const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  }
}

const LATER = "491231235959Z";
const BOOLEAN_TRUE = tlv(0x01, Buffer.from([0xff]));
const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));

function tlv(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return tlv(0x30, ...contents);
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, "hex"));
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(isCritical ? [BOOLEAN_TRUE] : []), tlv(0x04, value));
}

function nameOf(text: string): Buffer {
  return sequence(tlv(0x31, sequence(oid("550403"), tlv(0x0c, Buffer.from(text)))));
}

function utcTime(text: string): Buffer {
  return tlv(0x17, Buffer.from(text));
}
