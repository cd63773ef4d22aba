import { type AgeFile, type AgeStanza, readAgeFile, unpadded } from "../artifact/age-file.ts";
import { holdsPieceOf } from "../artifact/pieces.ts";
import { unproved } from "../artifact/seal.ts";
import { decryptPayload } from "../decrypt/age.ts";
import { headerMac } from "../decrypt/file-key.ts";
import { inOneGo } from "../system/slices.ts";
import { kindOfRecipient, type RecipientKind, STANZA_BODY } from "./recipient-kind.ts";
import type { Witness } from "./witness.ts";

export interface AgeClaim {
  /** What the library made for the recipients and after them the witnesses. */
  readonly file: Buffer;
  readonly payload: Uint8Array;
  readonly recipients: readonly string[];
  readonly witnesses: readonly Witness[];
  /** As the library used it; undefined if it never showed it. */
  readonly fileKey: Buffer | undefined;
}

/**
 * Proves an age file and cuts the witnesses out of it:
 *
 * 1. it is an age file of the right length with one stanza for each recipient and witness, in order
 * 2. every witness opens it to exactly the payload
 * 3. without their stanzas, under a new MAC, no witness opens it
 * 4. its MAC is right, and its chunks open to exactly the payload, both by the file key
 * 5. it holds no piece of the payload
 *
 * What is returned is what passed 3 to 5. A stanza that is right for somebody else of the same kind, while
 * all the others are right, is the one fault that does not show.
 *
 * @throws AgentError `pack_unproved`.
 */
export async function proveAgeFile(claim: AgeClaim): Promise<Buffer> {
  const { payload, recipients, witnesses, fileKey } = claim;
  if (fileKey?.length !== 16) throw unproved("the age library showed no file key");
  const made = structureOf(claim.file, payload, [
    ...recipients,
    ...witnesses.map(({ recipient }) => recipient),
  ]);
  await Promise.all(witnesses.map((witness) => checkOpens(witness, claim.file, payload)));

  const file = withFirstStanzas(claim.file, made, recipients.length, fileKey);
  const structure = structureOf(file, payload, recipients);
  await Promise.all(witnesses.map((witness) => checkDoesNotOpen(witness, file)));
  if (!headerMac(fileKey, file, structure.macLine).equals(structure.mac)) {
    throw unproved("the MAC of the age header is wrong");
  }
  checkEqual(() => inOneGo(decryptPayload(fileKey, file, structure)), payload);
  checkHidden(file, structure, payload);
  return file;
}

function structureOf(file: Buffer, payload: Uint8Array, recipients: readonly string[]): AgeFile {
  const structure = readAgeFile(file);
  if (structure === undefined) throw unproved("what the age library made is not an age file");
  if (structure.plaintextLength !== payload.length) {
    throw unproved("the age file is longer or shorter than its secrets demand");
  }
  const { stanzas } = structure;
  const fits = recipients.every((recipient, index) => {
    const stanza = stanzas[index];
    return stanza !== undefined && isOfKind(stanza, kindOfRecipient(recipient));
  });
  if (!fits || stanzas.length !== recipients.length) {
    throw unproved("the age file is not made for exactly the recipients");
  }
  return structure;
}

function isOfKind(stanza: AgeStanza, kind: RecipientKind): boolean {
  return (
    stanza.type === kind.type &&
    stanza.body.length === STANZA_BODY &&
    stanza.args.length === kind.args.length &&
    kind.args.every((bytes, index) => unpadded(stanza.args[index] ?? "")?.length === bytes)
  );
}

async function checkOpens(witness: Witness, file: Buffer, payload: Uint8Array): Promise<void> {
  let plaintext;
  try {
    plaintext = await witness.open(file);
  } catch (error) {
    throw unproved("the age file does not open for one that it was made for", error);
  }
  checkEqual(() => plaintext, payload);
}

async function checkDoesNotOpen(witness: Witness, file: Buffer): Promise<void> {
  const plaintext = await witness.open(file).catch(() => undefined);
  if (plaintext === undefined) return;
  plaintext.fill(0);
  throw unproved("the age file opens for somebody else than its recipients");
}

/** The same file with the first stanzas alone. */
function withFirstStanzas(
  file: Buffer,
  { stanzas, payload }: AgeFile,
  count: number,
  fileKey: Buffer,
): Buffer {
  const end = stanzas[count]?.start ?? 0;
  const start = Buffer.concat([file.subarray(0, end), Buffer.from("---")]);
  const mac = headerMac(fileKey, start, end).toString("base64").replace(/=+$/, "");
  return Buffer.concat([start, Buffer.from(` ${mac}\n`), file.subarray(payload)]);
}

function checkEqual(open: () => Buffer, payload: Uint8Array): void {
  let plaintext;
  try {
    plaintext = open();
  } catch (error) {
    throw unproved("the age file does not open", error);
  }
  const equal = plaintext.equals(payload);
  plaintext.fill(0);
  if (!equal) throw unproved("the age file opens to something else than the secrets");
}

/** Fixed words of the header, such as `X25519`, may stand in secrets too, and are passed over. */
function checkHidden(file: Buffer, structure: AgeFile, payload: Uint8Array): void {
  const args = structure.stanzas.flatMap((stanza) => stanza.args);
  const places = [
    file.subarray(structure.payload),
    ...args.map((arg) => Buffer.from(arg, "base64")),
    ...structure.stanzas.map(({ body }) => body),
  ];
  if (places.some((place) => holdsPieceOf(payload, place))) {
    throw unproved("the age file holds a piece of the secrets in clear");
  }
}
