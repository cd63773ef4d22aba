import { packArtifact } from "../artifact/pack.ts";
import { AgentError } from "../errors.ts";
import { ARTIFACT_MAX_BYTES, NAME_MAX_LENGTH } from "../limits.ts";
import { trimmed } from "../system/given-text.ts";
import { parseDuration } from "./duration.ts";
import { readInput } from "./input/read-input.ts";
import type { Command } from "./io.ts";
import { parseOptions, required, usage } from "./options.ts";
import { chooseSeal, chooseSigner, SEAL_OPTIONS, SIGNING_OPTIONS } from "./pack-keys.ts";
import { isStandardOutput, writeArtifact } from "./output.ts";
import { INPUT_FORMATS, readSecrets } from "./secrets-input.ts";

/** `clef-agent pack`: secrets in, packed artifact out. Prints names and counts, never a value. */
export const pack: Command = async (args, io) => {
  const { values, positionals } = parseOptions(args, {
    identity: { type: "string" },
    environment: { type: "string" },
    ...SEAL_OPTIONS,
    ...SIGNING_OPTIONS,
    ttl: { type: "string" },
    format: { type: "string" },
    namespace: { type: "string" },
    "allow-empty": { type: "boolean" },
    out: { type: "string" },
    force: { type: "boolean" },
  });
  const [path = "-", ...rest] = positionals;
  if (rest.length > 0) throw usage("pack takes one file of secrets, or - for standard input");
  const format = INPUT_FORMATS.find((name) => name === values.format);
  if (values.format !== undefined && format === undefined) {
    throw usage(`--format must be one of ${INPUT_FORMATS.join(", ")}`);
  }
  const identity = nameOption(values.identity, "--identity");
  const environment = nameOption(values.environment, "--environment");
  const namespace =
    values.namespace === undefined ? undefined : nameOption(values.namespace, "--namespace");
  const ttlMs = values.ttl === undefined ? undefined : parseDuration(values.ttl, "--ttl");
  const seal = await chooseSeal(values, io);
  const signer = await chooseSigner(values, io);

  const payload = await readSecrets(
    await readInput(path, ARTIFACT_MAX_BYTES, io),
    path,
    format,
    namespace,
  );
  const count = payload.index.entries.length;
  if (count === 0 && values["allow-empty"] !== true) {
    throw new AgentError(
      "input_invalid",
      "there are no secrets in the input, perhaps because what made it failed; if that is meant, give --allow-empty",
    );
  }
  let artifact;
  try {
    artifact = await packArtifact({
      identity,
      environment,
      payload: payload.bytes,
      seal,
      ttlMs,
      signer,
      nowMs: Date.now(),
    });
  } finally {
    payload.bytes.fill(0);
  }
  if (values.out === undefined || isStandardOutput(values.out)) io.stdout(artifact);
  else await writeArtifact(values.out, artifact, values.force ?? false);
  if (payload.index.entries.some((entry) => entry.namespace === undefined)) {
    io.stderr(
      "hint: some secrets have no namespace, which the cached mode of Clef 0.1.30's agent serves garbled; for such agents give --namespace NAME\n",
    );
  }
  io.stderr(
    `packed ${count} ${count === 1 ? "key" : "keys"} for ${identity}/${environment}${
      values.out === undefined ? "" : ` into ${values.out}`
    }${signer === undefined ? ", unsigned" : `, signed with ${signer.algorithm}`}\n`,
  );
  return 0;
};

/** Identity and environment go into the signing payload, where no control character may be. */
function nameOption(value: string | undefined, option: string): string {
  const name = trimmed(required(value, option));
  if (/\p{Cc}/u.test(name) || !name.isWellFormed()) {
    throw usage(`${option} must hold no control characters`);
  }
  if (name.length > NAME_MAX_LENGTH) {
    throw usage(`${option} must not be longer than ${NAME_MAX_LENGTH} characters`);
  }
  return name;
}
