import { AgentError } from "../errors.ts";
import { AGE_HEADER_MAX_BYTES, AGE_HYBRID_STANZAS_MAX, AGE_STANZAS_MAX } from "../limits.ts";

/** The structure of a binary age file (https://c2sp.org/age), as far as it shows without any key. */
export interface AgeFile {
  /** One for each recipient, at least one. */
  readonly stanzas: readonly AgeStanza[];
  /** Where the line of the header's MAC begins; the MAC is over everything before, and its `---`. */
  readonly macLine: number;
  readonly mac: Buffer;
  /** Where the header has ended: the nonce, then the encrypted chunks. */
  readonly payload: number;
  /** Bytes of the plaintext, which follow from the size of the file. */
  readonly plaintextLength: number;
}

/** What a header holds for one recipient. */
export interface AgeStanza {
  /** The first argument, such as `X25519`. */
  readonly type: string;
  /** The further ones. */
  readonly args: readonly string[];
  readonly body: Buffer;
  /** The place of its lines in the file. */
  readonly start: number;
  readonly end: number;
}

/** Plaintext in one chunk of the payload, and what encryption adds. */
export const AGE_CHUNK: number = 64 * 1024;
export const AGE_TAG = 16;
export const AGE_NONCE = 16;

/** Said of an artifact whose ciphertext is none. */
export const NOT_AN_AGE_FILE =
  "its ciphertext is not an age file, or is cut short; it may hold its secrets in clear, so look at it before anybody else does, and pack it again";

const VERSION_LINE = Buffer.from("age-encryption.org/v1\n");
const ARGS_LINE = /^-> [!-~]+(?: [!-~]+)*$/;
const MAC_LINE = /^--- ([A-Za-z0-9+/]{43})$/;
const BODY_LINE = /^[A-Za-z0-9+/]{0,64}$/;
const FULL_LINE = 64;
/** The longest line is the arguments of a post-quantum stanza, some 1,600 characters. */
const LINE_MAX = 4_096;

/**
 * @returns undefined for what is no age file, or is cut short.
 * @throws AgentError `decrypt` if its header is larger than any that is worked on.
 */
export function readAgeFile(file: Buffer): AgeFile | undefined {
  if (!file.subarray(0, VERSION_LINE.length).equals(VERSION_LINE)) return undefined;
  const stanzas: AgeStanza[] = [];
  let at = VERSION_LINE.length;
  for (;;) {
    const line = lineAt(file, at);
    if (line === undefined) return undefined;
    const [, macText] = MAC_LINE.exec(line) ?? [];
    if (macText !== undefined) {
      const mac = unpadded(macText);
      const payload = at + line.length + 1;
      const plaintextLength = plaintextLengthOf(file.length - payload);
      if (mac === undefined || plaintextLength === undefined || stanzas.length === 0) {
        return undefined;
      }
      return { stanzas, macLine: at, mac, payload, plaintextLength };
    }
    const stanza = stanzaAt(file, at, line);
    if (stanza === undefined) return undefined;
    if (stanza.end > AGE_HEADER_MAX_BYTES) throw largeHeader();
    stanzas.push(stanza);
    at = stanza.end;
  }
}

function stanzaAt(file: Buffer, start: number, argsLine: string): AgeStanza | undefined {
  if (!ARGS_LINE.test(argsLine)) return undefined;
  const [, type = "", ...args] = argsLine.split(" ");
  const lines: string[] = [];
  let end = start + argsLine.length + 1;
  for (;;) {
    const line = lineAt(file, end);
    if (end > AGE_HEADER_MAX_BYTES) throw largeHeader();
    if (line === undefined || !BODY_LINE.test(line)) return undefined;
    lines.push(line);
    end += line.length + 1;
    // A full line is followed by another one, which may be empty.
    if (line.length < FULL_LINE) break;
  }
  const body = unpadded(lines.join(""));
  return body === undefined ? undefined : { type, args, body, start, end };
}

/** Of the stanza for a post-quantum recipient, native to age. */
const HYBRID = "mlkem768x25519";

/**
 * Bounds what a header makes us do: every identity that is configured is tried on every stanza.
 *
 * @throws AgentError `decrypt`.
 */
export function checkStanzas(stanzas: readonly Pick<AgeStanza, "type">[]): void {
  const hybrid = stanzas.filter(({ type }) => type === HYBRID).length;
  if (stanzas.length > AGE_STANZAS_MAX) throw tooMany(`${AGE_STANZAS_MAX} recipients`);
  if (hybrid > AGE_HYBRID_STANZAS_MAX) {
    throw tooMany(`${AGE_HYBRID_STANZAS_MAX} post-quantum recipients`);
  }
}

function tooMany(what: string): AgentError {
  return new AgentError("decrypt", `it is encrypted to more than ${what}; pack it to fewer`);
}

function largeHeader(): AgentError {
  return tooMany(`${AGE_HEADER_MAX_BYTES} bytes of recipients`);
}

function lineAt(file: Buffer, start: number): string | undefined {
  const end = file.subarray(start, start + LINE_MAX).indexOf(0x0a);
  return end === -1 ? undefined : file.toString("latin1", start, start + end);
}

/** The bytes of canonical base64 without padding (https://c2sp.org/age, "Encodings"). */
export function unpadded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64").replace(/=+$/, "") === text ? bytes : undefined;
}

/** Only the last chunk is shorter than the others, and only a single one may be empty. */
function plaintextLengthOf(payloadLength: number): number | undefined {
  const sealed = payloadLength - AGE_NONCE;
  const chunks = Math.ceil(sealed / (AGE_CHUNK + AGE_TAG));
  const last = sealed - (chunks - 1) * (AGE_CHUNK + AGE_TAG);
  if (chunks < 1 || last < (chunks === 1 ? AGE_TAG : AGE_TAG + 1)) return undefined;
  return sealed - chunks * AGE_TAG;
}
