/**
 * Text from an artifact, a server, a file or an argument as it may be shown: what steers a terminal or
 * turns the direction of what follows, and every kind of line end, is written as its code point.
 */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
