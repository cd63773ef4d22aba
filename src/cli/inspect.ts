import { parseArtifact } from "../artifact/parse.ts";
import { NOTHING_ACCEPTED } from "../artifact/trust.ts";
import { type Policy, type Verdict, verify as verifyBytes } from "../artifact/verify.ts";
import { AgentError } from "../errors.ts";
import { parseVerifyKeys } from "../keys/verify-keys.ts";
import { named } from "../keys/private-key-text.ts";
import { ARTIFACT_MAX_BYTES } from "../limits.ts";
import { visible } from "../system/visible.ts";
import { trimmed } from "../system/given-text.ts";
import { readInput } from "./input/read-input.ts";
import type { Command, Io } from "./io.ts";
import { parseOptions, usage } from "./options.ts";
import { type Report, reportOn, reportText } from "./report.ts";

/** `clef-agent inspect`: what artifacts say of themselves; needs no key, checks no signature. */
export const inspect: Command = async (args, io) => {
  const { values, positionals } = parseOptions(args, { json: { type: "boolean" } });
  return reportAll(positionals, io, values.json ?? false, undefined);
};

/** `clef-agent verify`: the same, and whether the agent would accept it; exit 1 if it would not. */
export const verify: Command = async (args, io) => {
  const { values, positionals } = parseOptions(args, {
    json: { type: "boolean" },
    "verify-key": { type: "string" },
    identity: { type: "string" },
    environment: { type: "string" },
  });
  const policy: Policy = {
    identity: set(values.identity) ?? set(io.env["CLEF_AGENT_IDENTITY"]),
    environment: set(values.environment) ?? set(io.env["CLEF_AGENT_ENVIRONMENT"]),
    verifyKeys: readKeys(values["verify-key"] ?? set(io.env["CLEF_AGENT_VERIFY_KEY"])),
  };
  return reportAll(positionals, io, values.json ?? false, policy);
};

interface Finding {
  readonly file: string;
  /** Undefined where the file is no artifact. */
  readonly report: Report | undefined;
  /** Undefined where nobody asked, or nothing is wrong. */
  readonly problem: AgentError | undefined;
}

async function reportAll(
  files: readonly string[],
  io: Io,
  json: boolean,
  policy: Policy | undefined,
): Promise<number> {
  if (files.length === 0) throw usage("name one or more packed artifacts, or - for standard input");
  const findings: Finding[] = [];
  for (const file of files) {
    // oxlint-disable-next-line no-await-in-loop -- standard input may be among them; order matters
    findings.push(await examine(file, io, policy));
  }
  if (json)
    io.stdout(
      `${JSON.stringify(
        findings.map((found) => toJson(found, policy)),
        null,
        2,
      )}\n`,
    );
  else for (const finding of findings) io.stdout(toText(finding, policy));
  return findings.every(({ problem }) => problem === undefined) ? 0 : 1;
}

async function examine(file: string, io: Io, policy: Policy | undefined): Promise<Finding> {
  try {
    const bytes = await readInput(file, ARTIFACT_MAX_BYTES, io);
    const nowMs = Date.now();
    const report = reportOn(file, parseArtifact(bytes), bytes.length, nowMs);
    const verdict =
      policy === undefined ? undefined : verifyBytes(bytes, policy, NOTHING_ACCEPTED, nowMs);
    return { file, report, problem: verdict === undefined ? undefined : problemOf(verdict) };
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return { file: named(file), report: undefined, problem: error };
  }
}

function problemOf(verdict: Verdict): AgentError | undefined {
  switch (verdict.kind) {
    case "verified":
      return undefined;
    case "revoked":
      return new AgentError("revoked", `it was revoked at ${verdict.revocation.revokedAt}`);
    case "expired":
    case "invalid":
      return verdict.error;
  }
}

function toJson({ file, report, problem }: Finding, policy: Policy | undefined): unknown {
  const error =
    problem === undefined ? {} : { error: { code: problem.code, message: problem.message } };
  const verdict = policy === undefined ? {} : { valid: problem === undefined };
  return { ...(report ?? { file }), ...verdict, ...error };
}

function toText({ file, report, problem }: Finding, policy: Policy | undefined): string {
  const head = report === undefined ? `${visible(file)}\n` : reportText(report);
  if (problem !== undefined) return `${head}  NOT VALID: ${problem.message} [${problem.code}]\n`;
  if (policy === undefined) return head;
  const signature =
    policy.verifyKeys.length > 0
      ? "signature checked"
      : "no verify key given, signature not checked";
  return `${head}  VALID (${signature})\n`;
}

function readKeys(text: string | undefined): Policy["verifyKeys"] {
  if (text === undefined) return [];
  try {
    return parseVerifyKeys(text);
  } catch (error) {
    throw usage(`--verify-key: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
}

/** An empty variable counts as unset (contract, section 2). */
function set(value: string | undefined): string | undefined {
  const text = trimmed(value ?? "");
  return text === "" ? undefined : text;
}
