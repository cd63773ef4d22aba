import type { KmsProvider } from "../artifact/artifact.ts";
import { checkStanzas } from "../artifact/age-file.ts";
import type { Seal } from "../artifact/seal.ts";
import { AgentError } from "../errors.ts";
import { parseRecipient } from "../keys/age-recipients.ts";
import { parseSigningKey, type Signer } from "../keys/signing-keys.ts";
import { kmsSeal } from "../kms/envelope.ts";
import { kmsOpener } from "../kms/open.ts";
import { KEY_FILE_MAX_BYTES } from "../limits.ts";
import { trimmed } from "../system/given-text.ts";
import { ageSeal } from "../seal/age-seal.ts";
import { kindOfRecipient } from "../seal/recipient-kind.ts";
import type { KmsParts } from "../kms/kms.ts";
import { Network } from "../net/network.ts";
import { networkOf } from "./network.ts";
import { readInput } from "./input/read-input.ts";
import type { Io } from "./io.ts";
import { required, usage } from "./options.ts";

/** Options that say for whom an artifact is encrypted. */
export const SEAL_OPTIONS = {
  recipient: { type: "string", multiple: true },
  kms: { type: "string" },
  "kms-key": { type: "string" },
} as const;

/** Options that say who signs it. */
export const SIGNING_OPTIONS = {
  "signing-key": { type: "string" },
  "signing-kms-key": { type: "string" },
} as const;

type SealValues = {
  readonly recipient?: readonly string[] | undefined;
  readonly kms?: string | undefined;
  readonly "kms-key"?: string | undefined;
};

type SigningValues = Readonly<Partial<Record<keyof typeof SIGNING_OPTIONS, string | undefined>>>;

/** A command's process ends with it, and what it asked for with the process. */
const NEVER: AbortSignal = new AbortController().signal;

/**
 * How the payload is to be encrypted: to age recipients or under a KMS key. An artifact has one of the
 * two (contract, section 1), so both together are wrong usage.
 */
export async function chooseSeal(values: SealValues, io: Io): Promise<Seal> {
  const { kms, recipient = [] } = values;
  if (kms === undefined && values["kms-key"] === undefined) return recipientsSeal(recipient, io);
  if (recipient.length > 0) throw usage("--recipient and --kms exclude each other");
  const provider = parseProvider(required(kms, "--kms"));
  const keyId = required(values["kms-key"], "--kms-key");
  return kmsSeal(await kmsOpener(kmsParts(io))(provider), keyId);
}

/** Who is to sign; undefined packs without a signature. */
export async function chooseSigner(values: SigningValues, io: Io): Promise<Signer | undefined> {
  const path = values["signing-key"];
  if (values["signing-kms-key"] !== undefined && path !== undefined) {
    throw usage("--signing-key and --signing-kms-key exclude each other");
  }
  const inEnv = trimmed(io.env["CLEF_SIGNING_KEY"] ?? "");
  const kmsKeyInEnv = trimmed(io.env["CLEF_SIGNING_KMS_KEY"] ?? "");
  const chosen = path ?? values["signing-kms-key"];
  if (chosen === undefined && inEnv !== "" && kmsKeyInEnv !== "") {
    throw usage("CLEF_SIGNING_KEY and CLEF_SIGNING_KMS_KEY exclude each other");
  }
  const kmsKey =
    chosen === undefined && kmsKeyInEnv !== "" ? kmsKeyInEnv : values["signing-kms-key"];
  if (kmsKey !== undefined) {
    const { awsSigner } = await import("../kms/aws-signer.ts");
    return awsSigner(required(kmsKey, "--signing-kms-key"), kmsParts(io));
  }
  if (path !== undefined) {
    return readSigner((await readInput(path, KEY_FILE_MAX_BYTES, io)).toString("utf8"), path);
  }
  return inEnv === "" ? undefined : readSigner(inEnv, "CLEF_SIGNING_KEY");
}

function kmsParts(io: Io): KmsParts {
  const network = Network.open(networkOf(io), (problem) => io.stderr(`warning: ${problem}\n`));
  return { signal: NEVER, network };
}

function recipientsSeal(texts: readonly string[], io: Io): Seal {
  const recipients = texts.map((text) => parseRecipient(text));
  if (recipients.length === 0) throw usage("--recipient is missing, or --kms with --kms-key");
  const found = recipients.filter((recipient) => recipient !== undefined);
  if (found.length < recipients.length) {
    throw usage("--recipient must be an age recipient (age1…), as clef-agent keygen age prints it");
  }
  const hybrid = found.filter((recipient) => recipient.startsWith("age1pq1"));
  if (hybrid.length > 0 && hybrid.length < found.length) {
    io.stderr(
      "warning: the recipients are of both kinds, so the artifact is no safer from quantum computers than its X25519 recipients\n",
    );
  }
  try {
    checkStanzas(found.map((recipient) => kindOfRecipient(recipient)));
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    throw new AgentError("input_invalid", `an agent would refuse the artifact: ${error.message}`);
  }
  return ageSeal(found);
}

function parseProvider(text: string): KmsProvider {
  if (text === "aws" || text === "gcp" || text === "azure") return text;
  throw usage("--kms must be one of aws, gcp, azure");
}

function readSigner(text: string, from: string): Signer {
  try {
    return parseSigningKey(text);
  } catch (error) {
    throw new AgentError(
      "input_invalid",
      `${from}: ${error instanceof Error ? error.message : "cannot be read"}`,
    );
  }
}
