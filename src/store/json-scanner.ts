/**
 * Reads JSON from bytes without making a string of anything but names: a JavaScript string cannot be
 * wiped. Follows RFC 8259, of which the payload needs objects and strings only. The caller has
 * checked that the bytes are UTF-8.
 *
 * Throws JsonError for what is not JSON.
 */
export class JsonScanner {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
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
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined || byte < 0x20) throw new JsonError(this.#at - 1);
      if (byte === QUOTE) return { start, end: this.#at };
      if (byte === BACKSLASH) this.#escape();
    }
  }

  /** Passes over a string that is a name, and decodes it. */
  name(): string {
    const { start, end } = this.string();
    const text = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, end - start);
    const name: unknown = JSON.parse(text.toString("utf8"));
    if (typeof name !== "string") throw new JsonError(start);
    return name;
  }

  end(): void {
    if (this.peek() !== undefined) throw new JsonError(this.#at);
  }

  #escape(): void {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined || !ESCAPES.has(byte)) throw new JsonError(this.#at - 1);
    if (byte !== UNICODE_ESCAPE) return;
    for (let digits = 0; digits < 4; digits++) {
      const digit = this.#bytes[this.#at++];
      if (digit === undefined || !HEX_DIGITS.has(digit)) throw new JsonError(this.#at - 1);
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

const codes = (text: string): ReadonlySet<number> => new Set(Buffer.from(text));
const LITERALS = ["true", "false", "null"] as const;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const UNICODE_ESCAPE = 0x75;
const ESCAPES = codes('"\\/bfnrtu');
const HEX_DIGITS = codes("0123456789abcdefABCDEF");
