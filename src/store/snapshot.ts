import { createHash, type Hmac } from "node:crypto";
import type { VerifiedArtifact } from "../artifact/verify.ts";
import { RETIRE_GRACE_MS } from "../limits.ts";
import type { Clock, Timer } from "../system/clock.ts";
import { copySecret } from "../system/copy-secret.ts";
import { scrubRegisters } from "../system/scrub-registers.ts";
import { secretBuffer } from "../system/secret-buffer.ts";
import { type Entry, indexPayload, type PayloadIndex } from "./payload-index.ts";

/** Someone who is sending secret bytes and can be told to stop. */
export interface Reader {
  /** The bytes are about to be wiped: send no more of them. */
  cutOff(): void;
}

/** Lets go of what was never held: it reads nothing, so nothing is to be cut off. */
export const NO_READER: Reader = { cutOff: () => undefined };

/** Secret bytes on their way out: wiped when they are released, or soon after. */
export interface SecretLease {
  /** They were wiped before anybody held them: what was made from them is worth nothing. */
  readonly isWiped: boolean;
  /** Keeps the bytes in place until `release`, or until the reader was cut off. */
  hold(reader: Reader): void;
  /** The answer was sent, whether the bytes were held or not. */
  release(reader: Reader): void;
}

/**
 * The plaintext of one revision: one buffer, the index into it, and answers prepared from it once.
 * `retire` overwrites all of it with zeros, as soon as nobody sends from it any more.
 */
export class Snapshot implements SecretLease {
  readonly revision: string;
  /** Changes whenever the payload does; tells nothing about it. */
  readonly tag: string;
  readonly #plaintext: Buffer;
  #index: PayloadIndex | undefined;
  #keysJson: Buffer | undefined;
  #flat: Buffer | undefined;
  readonly #readers = new Set<Reader>();
  #state: "live" | "single_use" | "retiring" | "wiped" = "live";
  #timer: Timer | undefined;
  #onWiped: () => void = () => undefined;

  /**
   * Takes over `plaintext`.
   *
   * @param tag - the `payloadTag` of the artifact that it comes from.
   */
  constructor(revision: string, tag: string, plaintext: Buffer) {
    this.revision = revision;
    this.tag = tag;
    this.#plaintext = plaintext;
  }

  /**
   * Wipes what is no payload of secrets.
   *
   * @throws AgentError `payload_parse` or `payload_shape`.
   */
  check(): void {
    // To index is to check.
    void this.index;
  }

  /**
   * Where every secret is; made when it is first asked for.
   *
   * @throws AgentError as `check` does.
   */
  get index(): PayloadIndex {
    try {
      this.#index ??= indexPayload(this.#plaintext);
      return this.#index;
    } catch (error) {
      this.#wipe();
      throw error;
    }
  }

  /** JSON array of all names in packed order; names are no secrets. */
  get keysJson(): Buffer {
    this.#keysJson ??= Buffer.from(JSON.stringify(this.index.entries.map((entry) => entry.name)));
    return this.#keysJson;
  }

  /** The payload as it was packed. Valid until the reader lets go. */
  get nested(): Buffer {
    return this.#plaintext;
  }

  /** The payload with flat names. Valid until the reader lets go. */
  get flat(): Buffer {
    this.#flat ??= this.#makeFlat();
    return this.#flat;
  }

  /** `{"value":…}` of one secret, in a buffer of its own that the caller wipes. */
  valueJson(entry: Entry): Buffer {
    const { start, end } = entry.value;
    const json = secretBuffer(VALUE_OPEN.length + end - start + 1);
    VALUE_OPEN.copy(json);
    const after = copySecret(json, VALUE_OPEN.length, this.#plaintext, start, end);
    json[after] = CLOSE;
    return json;
  }

  /** Adds the value of one secret, as the payload writes it, to a keyed digest. */
  digestValue(entry: Entry, digest: Hmac): void {
    digest.update(this.#plaintext.subarray(entry.value.start, entry.value.end));
  }

  get isWiped(): boolean {
    return this.#state === "wiped";
  }

  hold(reader: Reader): void {
    this.#readers.add(reader);
  }

  release(reader: Reader): void {
    // Most answers are sent before anybody held them.
    if (this.#readers.size > 0) this.#readers.delete(reader);
    const ends = this.#state === "single_use" || this.#state === "retiring";
    if (ends && this.#readers.size === 0) this.#wipe();
  }

  /**
   * Makes it last for one reader only: it is wiped when the last one lets go, and retires after
   * `ms` even if none did.
   *
   * @param onWiped - called once, when nothing is left of it.
   */
  limitToOneUse(clock: Clock, ms: number, onWiped: () => void): void {
    this.#state = "single_use";
    this.#onWiped = onWiped;
    this.#timer = clock.after(ms, () => this.retire(clock));
  }

  /** Wipes at once if nobody reads, otherwise after the last reader, or after the grace time. */
  retire(clock: Clock): void {
    if (this.#state === "retiring" || this.#state === "wiped") return;
    this.#state = "retiring";
    this.#timer?.cancel();
    if (this.#readers.size === 0) {
      this.#wipe();
      return;
    }
    this.#timer = clock.after(RETIRE_GRACE_MS, () => {
      for (const reader of this.#readers) reader.cutOff();
      this.#wipe();
    });
  }

  #wipe(): void {
    this.#timer?.cancel();
    this.#state = "wiped";
    this.#plaintext.fill(0);
    this.#flat?.fill(0);
    scrubRegisters();
    this.#onWiped();
  }

  #makeFlat(): Buffer {
    const names = this.index.entries.map((entry) => JSON.stringify(entry.name));
    const parts = this.index.entries.map((entry, index) => ({
      prefix: Buffer.from(`${index === 0 ? "" : ","}${names[index] ?? ""}:`),
      ...entry.value,
    }));
    const size = parts.reduce((sum, part) => sum + part.prefix.length + part.end - part.start, 2);
    const flat = secretBuffer(size);
    let at = flat.write("{");
    for (const { prefix, start, end } of parts) {
      at += prefix.copy(flat, at);
      at = copySecret(flat, at, this.#plaintext, start, end);
    }
    flat.write("}", at);
    return flat;
  }
}

/** What an artifact says of its payload. */
type Payload = Pick<VerifiedArtifact["fields"], "revision" | "ciphertextHash">;

/** Changes whenever the payload does, and can be told without decrypting it. */
export function payloadTag({ revision, ciphertextHash }: Payload): string {
  const hash = createHash("sha256").update(`${revision}\n${ciphertextHash}`);
  return hash.digest("hex").slice(0, 32);
}

const VALUE_OPEN = Buffer.from('{"value":');
const CLOSE = "}".charCodeAt(0);
