import { createHash, randomBytes, sign as signBytes } from "node:crypto";
import { type AgeKey, ageEncrypt } from "./age.ts";
import { AGE, type SigningKey } from "./keys.ts";

/** An artifact with whatever it holds, right or wrong. */
export type Artifact = Readonly<Record<string, unknown>>;

export interface PackOptions {
  readonly recipients?: readonly AgeKey[];
  readonly signWith?: SigningKey;
  readonly packedAt?: Date;
  readonly expiresAt?: Date | undefined;
  /** Fields that take the place of the right ones before it is signed. */
  readonly fields?: Artifact;
}

const IDENTITY = "api";
const ENVIRONMENT = "production";

let lastPackedAt = 0;

/** Packs secrets, or any text as the payload. Each is newer than the one before. */
export function pack(secrets: object | string, options: PackOptions = {}): Artifact {
  const { recipients = [AGE], signWith, expiresAt, fields } = options;
  const payload = typeof secrets === "string" ? secrets : JSON.stringify(secrets);
  const ciphertext = ageEncrypt(Buffer.from(payload), recipients).toString("base64");
  const artifact = { ...header(options.packedAt ?? nextDate()), ...body(ciphertext), ...fields };
  const dated =
    expiresAt === undefined ? artifact : { ...artifact, expiresAt: expiresAt.toISOString() };
  return signWith === undefined ? dated : sign(dated, signWith);
}

export function header(packedAt: Date): Artifact {
  return {
    version: 1,
    identity: IDENTITY,
    environment: ENVIRONMENT,
    packedAt: packedAt.toISOString(),
    revision: `${packedAt.getTime()}-${randomBytes(4).toString("hex")}`,
  };
}

/** The ciphertext with the hash that belongs to it. */
export function body(ciphertext: string): Artifact {
  return { ciphertext, ciphertextHash: createHash("sha256").update(ciphertext).digest("hex") };
}

/** The artifact without some of its fields. */
export function without(artifact: Artifact, ...names: readonly string[]): Artifact {
  return Object.fromEntries(Object.entries(artifact).filter(([name]) => !names.includes(name)));
}

export function sign(artifact: Artifact, key: SigningKey): Artifact {
  const algorithm = key.algorithm === "Ed25519" ? null : "sha256";
  const signature = signBytes(algorithm, Buffer.from(signingPayload(artifact)), key.privateKey);
  return {
    ...artifact,
    signature: signature.toString("base64"),
    signatureAlgorithm: key.algorithm,
  };
}

const SIGNED = [
  "version",
  "identity",
  "environment",
  "revision",
  "packedAt",
  "ciphertextHash",
  "expiresAt",
];
const ENVELOPE = ["provider", "keyId", "wrappedKey", "algorithm", "iv", "authTag"];

/** Rule V-3. */
export function signingPayload(artifact: Artifact): string {
  const envelope = (artifact["envelope"] ?? {}) as Artifact;
  const values = [
    ...SIGNED.map((name) => artifact[name]),
    ...ENVELOPE.map((name) => envelope[name]),
  ];
  return ["clef-sig-v3", ...values.map(text)].join("\n");
}

function text(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function nextDate(): Date {
  lastPackedAt = Math.max(Date.now(), lastPackedAt + 1);
  return new Date(lastPackedAt);
}

/** A revocation marker as `revoke` writes it, with other fields in the place of its own. */
export function marker(fields: Artifact = {}): Artifact {
  return {
    version: 1,
    identity: IDENTITY,
    environment: ENVIRONMENT,
    revokedAt: new Date().toISOString(),
    ...fields,
  };
}
