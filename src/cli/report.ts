import { createHash } from "node:crypto";
import { readAgeFile } from "../artifact/age-file.ts";
import type { PackedArtifact, Revocation } from "../artifact/artifact.ts";
import { visible } from "../system/visible.ts";

/** What `inspect` and `verify` say of one artifact; everything in it is public. */
export interface Report {
  readonly file: string;
  readonly kind: "artifact" | "revocation";
  /** Null for a marker that names nobody. */
  readonly identity: string | null;
  readonly environment: string | null;
  readonly revision: string | null;
  readonly packedAt: string | null;
  readonly expiresAt: string | null;
  readonly expired: boolean;
  readonly revokedAt: string | null;
  readonly encryption: string | null;
  readonly hashMatches: boolean | null;
  readonly signatureAlgorithm: string | null;
  readonly bytes: number;
}

export function reportOn(
  file: string,
  parsed: PackedArtifact | Revocation,
  bytes: number,
  nowMs: number,
): Report {
  if (parsed.kind === "revocation") {
    return {
      file,
      kind: parsed.kind,
      identity: parsed.identity ?? null,
      environment: parsed.environment ?? null,
      revision: parsed.revision ?? null,
      packedAt: null,
      expiresAt: null,
      expired: false,
      revokedAt: parsed.revokedAt,
      encryption: null,
      hashMatches: null,
      signatureAlgorithm: null,
      bytes,
    };
  }
  const hash = createHash("sha256").update(parsed.ciphertext, "utf8").digest("hex");
  return {
    file,
    kind: parsed.kind,
    identity: parsed.identity,
    environment: parsed.environment,
    revision: parsed.revision,
    packedAt: parsed.packedAt.text,
    expiresAt: parsed.expiresAt?.text ?? null,
    expired: parsed.expiresAt !== undefined && nowMs >= parsed.expiresAt.ms,
    revokedAt: null,
    encryption: encryptionOf(parsed),
    hashMatches: hash === parsed.ciphertextHash.toLowerCase(),
    signatureAlgorithm:
      parsed.signature === undefined ? null : (parsed.signature.claimedAlgorithm ?? "unnamed"),
    bytes,
  };
}

/** The report for people, one fact a line. */
export function reportText(report: Report): string {
  const expiry = report.expiresAt ?? "never";
  const facts: readonly (readonly [string, string | null])[] = [
    ["identity", report.identity],
    ["environment", report.environment],
    ["revision", report.revision],
    ["packed at", report.packedAt],
    ["revoked at", report.revokedAt],
    [
      "expires at",
      report.kind === "revocation" ? null : `${expiry}${report.expired ? " (expired)" : ""}`,
    ],
    ["encryption", report.encryption],
    [
      "hash",
      report.hashMatches === null ? null : report.hashMatches ? "matches" : "DOES NOT MATCH",
    ],
    ["signature", report.kind === "revocation" ? null : (report.signatureAlgorithm ?? "none")],
    ["size", `${report.bytes} bytes`],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === null ? [] : [`  ${name.padEnd(12)} ${visible(value)}`],
  );
  return [visible(report.file), ...lines, ""].join("\n");
}

function encryptionOf({ envelope, ciphertext }: PackedArtifact): string {
  if (envelope !== undefined) return `${envelope.provider} KMS key ${envelope.keyId}`;
  const stanzas = readAgeFile(Buffer.from(ciphertext, "base64"))?.stanzas;
  if (stanzas === undefined) return "NOT AN AGE FILE; it may hold its secrets in clear";
  const types = stanzas.map(({ type }) => type);
  return `age, ${types.length} ${types.length === 1 ? "recipient" : "recipients"} (${types.join(", ")})`;
}
