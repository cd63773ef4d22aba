import type { World } from "./world.ts";

/** The chapters, in the order in which they are reported, with the letter of their rules. */
export const CHAPTERS = {
  format: "F",
  verification: "V",
  freshness: "R",
  api: "A",
  watching: "W",
  smuggling: "S",
  telemetry: "T",
  metrics: "M",
  "command-line": "C",
  environment: "E",
  socket: "U",
  exec: "X",
  files: "D",
  network: "N",
  client: "L",
} as const;

export type Chapter = keyof typeof CHAPTERS;

export function isChapter(name: string): name is Chapter {
  return Object.hasOwn(CHAPTERS, name);
}

/** What an agent may leave out; `--without` names it, and the cases that need it are skipped. */
export const CAPABILITIES = {
  kms: "unwraps data keys by the KMS of AWS, GCP and Azure",
  jit: "has a just-in-time mode",
  cache: "has an encrypted disk cache",
  refresh: "looks at the source on POST /v1/refresh",
  waiting: "holds requests until something changes",
  socket: "serves the API on a Unix socket",
  probe: "has a probe listener",
  metrics: "serves metrics on it",
  telemetry: "sends OTLP log records",
  commands: "has keygen, pack, inspect, verify, revoke and healthcheck",
  "refresh-command": "has the command refresh",
  vcs: "reads from repositories",
  s3: "reads from S3",
  exec: "runs a command",
  sigusr1: "hears SIGUSR1, to pass it on to the command",
  "exec-agent": "runs a command with the secrets of another agent",
  files: "writes secrets as files",
  proxy: "takes proxies from the environment",
  tls: "takes certificates from the environment",
} as const;

export type Capability = keyof typeof CAPABILITIES;

export function isCapability(name: string): name is Capability {
  return Object.hasOwn(CAPABILITIES, name);
}

/** What a file of cases is about; its name ends in one of these. */
export const KINDS = {
  "must-serve": "must serve",
  "must-never-serve": "must never serve",
  must: "must",
} as const;

export type Kind = keyof typeof KINDS;

export function isKind(name: string): name is Kind {
  return Object.hasOwn(KINDS, name);
}

/** One case, as a file of `cases/` exports it in its list `cases`. */
export interface Case {
  /** What is handed in, or what must hold; unique in its file. */
  readonly name: string;
  readonly needs?: readonly Capability[];
  /** How long it waits on purpose, for a TTL for instance; added to the time limit. */
  readonly waitsSeconds?: number;
  /** Throws what is wrong; the message is for people. */
  run(world: World): Promise<void>;
}

/** A case with what its file's name says. */
export interface FoundCase extends Case {
  readonly chapter: Chapter;
  readonly rule: string;
  readonly kind: Kind;
  /** From the folder of the cases, without its ending. */
  readonly file: string;
}

/** How a case is called in every report, and what `--only` looks at. */
export function titleOf({ rule, kind, name }: FoundCase): string {
  return `${rule} ${KINDS[kind]}: ${name}`;
}
