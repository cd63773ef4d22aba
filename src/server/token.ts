import { timingSafeEqual } from "node:crypto";

/** Bytes of a length, which is laid in front of each token. */
const LENGTH = 2;
/** What the size of the compared buffers is a multiple of, so that a token's length hardly shows in it. */
const BLOCK = 64;
const BEARER = /^bearer +/i;

/**
 * Compares the bearer token of a request with the expected one in a time that does not depend on what was
 * presented: both are laid into buffers of one size, with their length in front.
 */
export class TokenGuard {
  #expected: Laid = new Laid(0);
  #presented: Laid = new Laid(0);

  constructor(token: string) {
    this.replace(token);
  }

  /** From now on only this token is right. */
  replace(token: string): void {
    const size = Math.ceil((LENGTH + token.length) / BLOCK) * BLOCK;
    this.#expected = new Laid(size);
    this.#expected.lay(token);
    this.#presented = new Laid(size);
  }

  /** @param authorization - the value of the Authorization header (RFC 6750, section 2.1). */
  accepts(authorization = ""): boolean {
    const before = schemeLength(authorization);
    this.#presented.lay(authorization.slice(before));
    return timingSafeEqual(this.#expected.bytes, this.#presented.bytes) && before > 0;
  }
}

/** The characters of the scheme and the blanks behind it; 0 if it is another one. */
function schemeLength(authorization: string): number {
  // As nearly every client writes it.
  if (authorization.startsWith("Bearer ") && authorization[7] !== " ") return 7;
  return BEARER.exec(authorization)?.[0].length ?? 0;
}

/** A token with its length in front and zeros behind. One that is too long keeps a length that none has. */
class Laid {
  readonly bytes: Buffer;
  #end = LENGTH;

  constructor(size: number) {
    this.bytes = Buffer.alloc(size);
  }

  lay(token: string): void {
    const { bytes } = this;
    const end = LENGTH + bytes.write(token, LENGTH, "utf8");
    if (end < this.#end) bytes.fill(0, end, this.#end);
    this.#end = end;
    bytes.writeUInt16BE(Math.min(token.length, 0xffff), 0);
  }
}
