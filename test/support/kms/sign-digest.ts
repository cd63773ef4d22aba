import { type KeyObject, randomBytes } from "node:crypto";
import { integer, sequence } from "../der.ts";

/**
 * ECDSA P-256 over a digest that is there already (FIPS 186-5, section 6.4), DER-encoded, as a KMS signs
 * with MessageType DIGEST. node:crypto always makes the digest itself. For tests alone: it takes a time
 * that tells of the key.
 */
export function signDigest(digest: Buffer, privateKey: KeyObject): Buffer {
  const secret = toInt(Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url"));
  const nonce = mod(toInt(randomBytes(40)), ORDER - 1n) + 1n;
  const r = mod(multiply(nonce, GENERATOR).x, ORDER);
  const s = mod(inverse(nonce, ORDER) * (toInt(digest) + r * secret), ORDER);
  return sequence(integer(r), integer(s));
}

interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

/** The curve P-256 (NIST SP 800-186, section 3.2.1.3). */
const PRIME = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const GENERATOR: Point = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};

function multiply(scalar: bigint, point: Point): Point {
  let sum: Point | undefined;
  let power = point;
  for (let left = scalar; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) sum = sum === undefined ? power : add(sum, power);
    power = add(power, power);
  }
  return sum ?? point;
}

function add(one: Point, other: Point): Point {
  const slope =
    one.x === other.x
      ? (3n * one.x * one.x - 3n) * inverse(2n * one.y, PRIME)
      : (other.y - one.y) * inverse(other.x - one.x, PRIME);
  const x = mod(slope * slope - one.x - other.x, PRIME);
  return { x, y: mod(slope * (one.x - x) - one.y, PRIME) };
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, u, v] = [mod(value, modulus), modulus, 1n, 0n];
  while (a > 0n) {
    const quotient = b / a;
    [a, b] = [b % a, a];
    [u, v] = [v - quotient * u, u];
  }
  return mod(v, modulus);
}

function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

function toInt(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}
