/** The age library, broken in the way that the environment names. */
import * as age from "age-encryption";

export * from "age-encryption";

/** What each way makes of the payload and the file that is right for it. */
const WAYS: Readonly<
  Record<string, (payload: Buffer, file: Buffer) => Uint8Array | Promise<Uint8Array>>
> = {
  "the plaintext": (payload) => payload,
  "a pool with the plaintext": (payload) => Buffer.concat([Buffer.alloc(1_000), payload], 8_192),
  "the file in a pool": (payload, file) => Buffer.concat([file, payload], 8_192),
  nothing: () => Buffer.alloc(0),
  "half a file": (_, file) => file.subarray(0, file.length / 2),
  "all but the last byte": (_, file) => file.subarray(0, -1),
  "a file with a byte changed": (_, file) => {
    file[file.length - 20] = (file.at(-20) ?? 0) ^ 1;
    return file;
  },
  "a file for somebody else": async (payload) => encryptedFor([await newRecipient()], payload),
  "a file of other secrets": (payload, file) =>
    encryptedFor(recipientsOf(file), Buffer.alloc(payload.length, "x")),
  "a header with the plaintext behind it": (payload, file) =>
    Buffer.concat([file.subarray(0, -payload.length), payload]),
  "zeros of the right length": (_, file) => Buffer.alloc(file.length),
};

export const WAYS_TO_BREAK: readonly string[] = Object.keys(WAYS);

const added = new WeakMap<Buffer, readonly (string | age.Recipient)[]>();
const recipientsOf = (file: Buffer): readonly (string | age.Recipient)[] => added.get(file) ?? [];

async function newRecipient(): Promise<string> {
  return age.identityToRecipient(await age.generateIdentity());
}

async function encryptedFor(
  recipients: readonly (string | age.Recipient)[],
  payload: Uint8Array,
): Promise<Uint8Array> {
  const encrypter = new age.Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(payload);
}

export class Encrypter {
  readonly #recipients: (string | age.Recipient)[] = [];

  addRecipient(recipient: string | age.Recipient): void {
    this.#recipients.push(recipient);
  }

  async encrypt(plaintext: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of plaintext) chunks.push(chunk);
    const payload = Buffer.concat(chunks);
    const file = Buffer.from(await encryptedFor(this.#recipients, payload));
    added.set(file, this.#recipients);
    const broken = WAYS[process.env["BROKEN_AGE"] ?? ""]?.(payload, file) ?? file;
    return ReadableStream.from([await broken]);
  }
}
