import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** Lines of text that tell whether anybody else changed them. */
export interface LineCodec {
  /** @param text - without a line break. */
  encode(text: string): string;
  /** @returns undefined for what is damaged, forged, or made with other keys or for another context. */
  decode(line: string): string | undefined;
}

/**
 * Authenticates with HMAC-SHA-256 under keys that are derived from secrets (RFC 5869). The first one
 * signs, every one is accepted. Without any the key is fixed, which finds damage but no forgery.
 *
 * @param context - what tells this agent's lines from those of others with the same secrets.
 * @param label - what the lines are for.
 */
export function authenticatedLines(
  secrets: readonly string[],
  context: string,
  label: string,
): LineCodec {
  const keys = (secrets.length === 0 ? [label] : secrets).map((secret) =>
    Buffer.from(hkdfSync("sha256", secret, context, label, 32)),
  );
  const macs = (text: string): readonly Buffer[] =>
    keys.map((key) => createHmac("sha256", key).update(text).digest());
  return {
    encode: (text) => `${macs(text)[0]?.toString("hex") ?? ""} ${text}\n`,
    decode(line) {
      const [, mac, text] = /^([0-9a-f]{64}) (.*)\n$/.exec(line) ?? [];
      if (mac === undefined || text === undefined) return undefined;
      const given = Buffer.from(mac, "hex");
      return macs(text).some((expected) => timingSafeEqual(expected, given)) ? text : undefined;
    },
  };
}
