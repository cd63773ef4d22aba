import { packArtifact } from "../artifact/pack.ts";
import { ARTIFACT_MAX_BYTES, KEY_FILE_MAX_BYTES, NAME_MAX_LENGTH } from "../limits.ts";
import { parseRecipient } from "../keys/age-recipients.ts";
import { parseSigningKey, type Signer } from "../keys/signing-keys.ts";
import { AgentError } from "../errors.ts";
import { parseDuration } from "./duration.ts";
import { readInput, writeOutput } from "./files.ts";
import type { Command, Io } from "./io.ts";
import { parseOptions, required, usage } from "./options.ts";
import { INPUT_FORMATS, readSecrets } from "./secrets-input.ts";

/** `clef-agent pack`: secrets in, packed artifact out. Prints names and counts, never a value. */
export const pack: Command = async (args, io) => {
  const { values, positionals } = parseOptions(args, {
    identity: { type: "string" },
    environment: { type: "string" },
    recipient: { type: "string", multiple: true },
    ttl: { type: "string" },
    "signing-key": { type: "string" },
    format: { type: "string" },
    "allow-empty": { type: "boolean" },
    out: { type: "string" },
  });
  const [path = "-", ...rest] = positionals;
  if (rest.length > 0) throw usage("pack takes one file of secrets, or - for standard input");
  const format = INPUT_FORMATS.find((name) => name === values.format);
  if (values.format !== undefined && format === undefined) {
    throw usage(`--format must be one of ${INPUT_FORMATS.join(", ")}`);
  }
  const identity = nameOption(values.identity, "--identity");
  const environment = nameOption(values.environment, "--environment");
  const recipients = (values.recipient ?? []).map((text) => parseRecipient(text));
  if (recipients.length === 0) throw usage("--recipient is missing");
  if (recipients.includes(undefined)) {
    throw usage("--recipient must be an age recipient (age1…), as clef-agent keygen age prints it");
  }
  if (mixesHybrid(recipients)) {
    io.stderr(
      "warning: the recipients are of both kinds, so the artifact is no safer from quantum computers than its X25519 recipients\n",
    );
  }
  const ttlMs = values.ttl === undefined ? undefined : parseDuration(values.ttl, "--ttl");
  const signer = await readSigner(values["signing-key"], io);

  const payload = await readSecrets(await readInput(path, ARTIFACT_MAX_BYTES, io), path, format);
  const count = payload.index.entries.length;
  if (count === 0 && values["allow-empty"] !== true) {
    throw new AgentError(
      "input_invalid",
      "there are no secrets in the input, perhaps because what made it failed; if that is meant, give --allow-empty",
    );
  }
  const artifact = await packArtifact({
    identity,
    environment,
    payload: payload.bytes,
    recipients: recipients.filter((recipient) => recipient !== undefined),
    ttlMs,
    signer,
    nowMs: Date.now(),
  });
  payload.bytes.fill(0);
  if (artifact.length > ARTIFACT_MAX_BYTES) {
    throw new AgentError("input_invalid", `the artifact would be over ${ARTIFACT_MAX_BYTES} bytes`);
  }
  if (values.out === undefined) io.stdout(artifact);
  else await writeOutput(values.out, artifact, 0o644);
  io.stderr(
    `packed ${count} ${count === 1 ? "key" : "keys"} for ${identity}/${environment}${
      values.out === undefined ? "" : ` into ${values.out}`
    }${signer === undefined ? ", unsigned" : `, signed with ${signer.algorithm}`}\n`,
  );
  return 0;
};

function mixesHybrid(recipients: readonly (string | undefined)[]): boolean {
  const hybrid = recipients.filter((recipient) => recipient?.startsWith("age1pq1"));
  return hybrid.length > 0 && hybrid.length < recipients.length;
}

/** Identity and environment go into the signing payload, where no control character may be. */
function nameOption(value: string | undefined, option: string): string {
  const name = required(value, option);
  if (/\p{Cc}/u.test(name) || !name.isWellFormed()) {
    throw usage(`${option} must hold no control characters`);
  }
  if (name.length > NAME_MAX_LENGTH) {
    throw usage(`${option} must not be longer than ${NAME_MAX_LENGTH} characters`);
  }
  return name;
}

/** The key in the file, or the one in CLEF_SIGNING_KEY; undefined packs without a signature. */
async function readSigner(path: string | undefined, io: Io): Promise<Signer | undefined> {
  const inEnv = io.env["CLEF_SIGNING_KEY"];
  if (path === undefined && (inEnv === undefined || inEnv === "")) return undefined;
  const text =
    path === undefined ? inEnv : (await readInput(path, KEY_FILE_MAX_BYTES, io)).toString("utf8");
  try {
    return parseSigningKey(text ?? "");
  } catch (error) {
    const from = path ?? "CLEF_SIGNING_KEY";
    throw new AgentError(
      "input_invalid",
      `${from}: ${error instanceof Error ? error.message : "cannot be read"}`,
    );
  }
}
