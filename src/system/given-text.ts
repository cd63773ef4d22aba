/**
 * The one rule for what people and tools write into variables and files: white space around it goes, line
 * ends and a byte order mark included (ECMAScript counts U+FEFF as white space). What is inside stays.
 */
export function trimmed(text: string): string {
  return text.trim();
}

/**
 * Whether something that no editor shows is inside: a line break, a tab, a control character, or a character
 * without width, as web pages and chat programs put them into what is copied from them.
 */
export function hasInvisible(text: string): boolean {
  return /[\p{Cc}\u200b\u2060\ufeff]/u.test(trimmed(text));
}

/** What to say of bytes that are not UTF-8. */
export function notUtf8(bytes: Uint8Array): string {
  const mark = Buffer.from(bytes.subarray(0, 2)).toString("hex");
  return mark === "fffe" || mark === "feff"
    ? "it is UTF-16, as older versions of PowerShell write; write it as UTF-8"
    : "it is not UTF-8 text";
}
