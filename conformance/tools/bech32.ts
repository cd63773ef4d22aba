/** Bech32 (BIP 173), without its limit on length, as age writes keys. */
const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

export function bech32(prefix: string, bytes: Buffer): string {
  const data = fiveBits(bytes);
  const codes = [...Buffer.from(prefix)];
  const expanded = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
  const checksum = polymod([...expanded, ...data, 0, 0, 0, 0, 0, 0]) ^ 1;
  const sums = Array.from({ length: 6 }, (_none, at) => (checksum >> (5 * (5 - at))) & 31);
  return `${prefix}1${[...data, ...sums].map((value) => CHARSET.charAt(value)).join("")}`;
}

function fiveBits(bytes: Buffer): number[] {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? []).map((five) => Number.parseInt(five.padEnd(5, "0"), 2));
}

function polymod(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [at, term] of GENERATOR.entries()) if (((top >> at) & 1) === 1) sum ^= term;
  }
  return sum;
}
