/**
 * Reads JSON from bytes without making a string of anything but names: a JavaScript string cannot be
 * wiped. Follows RFC 8259, of which the payload needs objects and strings only. The caller has
 * checked that the bytes are UTF-8.
 *
 * Throws JsonError for what is not JSON.
 */
export class JsonScanner {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    const { buffer, byteOffset, length } = bytes;
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, length);
  }

  /** The byte offset of the next token. */
  get offset(): number {
    this.#skipSpace();
    return this.#at;
  }

  /** The next token's first character, or undefined at the end. */
  peek(): string | undefined {
    this.#skipSpace();
    const byte = this.#bytes[this.#at];
    return byte === undefined ? undefined : String.fromCharCode(byte);
  }

  /** Whether what comes next looks like a JSON value of any kind. */
  startsValue(): boolean {
    const character = this.peek();
    if (character === undefined) return false;
    if (/["{[0-9-]/.test(character)) return true;
    const word = LITERALS.find((literal) => literal.startsWith(character));
    if (word === undefined) return false;
    const found = this.#bytes.subarray(this.#at, this.#at + word.length);
    return Buffer.from(found).toString("latin1") === word;
  }

  /** Passes over `character` if it comes next. */
  take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#at++;
    return true;
  }

  expect(character: string): void {
    if (!this.take(character)) throw new JsonError(this.#at);
  }

  /** Passes over a string. @returns where it lies, quotes included, `end` exclusive. */
  string(): Span {
    this.expect('"');
    const start = this.#at - 1;
    const bytes = this.#bytes;
    for (;;) {
      // Most of a payload goes by here.
      let at = this.#at;
      while (KINDS[bytes[at] ?? 0] === PLAIN) at++;
      const kind = KINDS[bytes[at] ?? 0];
      this.#at = at + 1;
      if (kind === ENDS) return { start, end: this.#at };
      if (kind === FORBIDDEN) throw new JsonError(this.#at - 1);
      this.#escape();
    }
  }

  /**
   * Passes over a string that is a name, and decodes it.
   *
   * @returns undefined if it is longer than `maxLength` characters.
   */
  name(maxLength: number): string | undefined {
    const { start, end } = this.string();
    if (end - start > maxLength * LONGEST_CHARACTER + 2) return undefined;
    const plain = this.#bytes.toString("latin1", start + 1, end - 1);
    if (AS_IT_IS.test(plain)) return plain.length > maxLength ? undefined : plain;
    const name: unknown = JSON.parse(this.#bytes.toString("utf8", start, end));
    if (typeof name !== "string") throw new JsonError(start);
    return name.length > maxLength ? undefined : name;
  }

  end(): void {
    if (this.peek() !== undefined) throw new JsonError(this.#at);
  }

  #escape(): void {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined || ESCAPES[byte] !== 1) throw new JsonError(this.#at - 1);
    if (byte !== UNICODE_ESCAPE) return;
    for (let digits = 0; digits < 4; digits++) {
      const digit = this.#bytes[this.#at++];
      if (digit === undefined || HEX_DIGITS[digit] !== 1) throw new JsonError(this.#at - 1);
    }
  }

  #skipSpace(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at++;
    }
  }
}

/** A stretch of bytes, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The bytes are not JSON from here on; nothing of them is in the message. */
export class JsonError extends Error {
  constructor(offset: number) {
    super(`not JSON at byte ${offset}`);
    this.name = "JsonError";
  }
}

/** By byte, 1 for those of the text: a payload may have millions of escapes, and a set takes ten times as long. */
function codes(text: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(text)) table[byte] = 1;
  return table;
}

/** What stands for itself in JSON, and is one byte in UTF-8. */
const AS_IT_IS = /^[ -[\]-~]*$/;

/** A character of a name as `\u0041`. */
const LONGEST_CHARACTER = 6;

/** What a byte means in a string; the end of the text reads as a zero, which is forbidden too. */
const [PLAIN, FORBIDDEN, ENDS, ESCAPES_NEXT] = [0, 1, 2, 3] as const;
const KINDS = new Uint8Array(256);
KINDS.fill(FORBIDDEN, 0, 0x20);
KINDS[0x22] = ENDS;
KINDS[0x5c] = ESCAPES_NEXT;
const LITERALS = ["true", "false", "null"] as const;
const UNICODE_ESCAPE = 0x75;
const ESCAPES = codes('"\\/bfnrtu');
const HEX_DIGITS = codes("0123456789abcdefABCDEF");
