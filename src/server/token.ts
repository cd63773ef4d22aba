import { timingSafeEqual } from "node:crypto";
import { TOKEN_MAX_BYTES } from "../limits.ts";

const SIZE = TOKEN_MAX_BYTES + 2;
const BEARER = /^bearer +/i;

/**
 * Compares the bearer token of a request with the expected one in a time that depends on neither:
 * both are laid into buffers of one size, with their length in front.
 */
export class TokenGuard {
  readonly #expected: Buffer = Buffer.alloc(SIZE);
  readonly #presented: Buffer = Buffer.alloc(SIZE);

  constructor(token: string) {
    this.replace(token);
  }

  /** From now on only this token is right. */
  replace(token: string): void {
    lay(token, this.#expected);
  }

  /** @param authorization - the value of the Authorization header (RFC 6750, section 2.1). */
  accepts(authorization: string | undefined): boolean {
    const scheme = authorization === undefined ? null : BEARER.exec(authorization);
    lay(authorization?.slice(scheme?.[0].length) ?? "", this.#presented);
    const equal = timingSafeEqual(this.#expected, this.#presented);
    return equal && scheme !== null;
  }
}

/** A token that is too long keeps a length that no expected token has. */
function lay(token: string, buffer: Buffer): void {
  const end = 2 + buffer.write(token, 2, "utf8");
  buffer.fill(0, end);
  buffer.writeUInt16BE(Math.min(token.length, 0xffff), 0);
}
