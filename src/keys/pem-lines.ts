/** From a label on, all that is base64 or white space, up to the same label (RFC 7468, section 3). */
const BLOCK = /(-----BEGIN ([A-Z0-9 ]+)-----)([A-Za-z0-9+/=\s]*)(-----END \2-----)/g;

/**
 * PEM with the newlines that it must have: env files write them as `\n`, and secret stores that hold a
 * value on one line make spaces of them, or nothing. What is no such block stays as it is.
 */
export function withPemLines(text: string): string {
  return text
    .replaceAll(String.raw`\n`, "\n")
    .replaceAll(BLOCK, (_, begin: string, _label: string, body: string, end: string) => {
      const lines = body.replaceAll(/\s/g, "").match(/.{1,64}/g) ?? [];
      return `${[begin, ...lines, end].join("\n")}\n`;
    });
}
