import { randomBytes } from "node:crypto";
import type { Directory } from "./directory.ts";

/**
 * What the agent's files look like in the directory that it is given, after kubelet's atomic writer:
 *
 *     KEY -> ..data/KEY                   a link for every name, which never changes
 *     ..data -> ..clef-0123456789abcdef   the one link that does
 *     ..clef-0123456789abcdef/KEY         the files of one revision
 *     ..clef-0123456789abcdef.record      until when they may be there
 *     ..clef-fedcba9876543210.sock        the lock of a running agent
 */
export const DATA = "..data";

/** What a name beside `..data` stands for that only the agent gives. */
export type OwnKind = "revision" | "record" | "new_record" | "new_link" | "lock";

const SUFFIXES: Readonly<Record<Exclude<OwnKind, "revision">, string>> = {
  record: ".record",
  new_record: ".new",
  new_link: ".link",
  lock: ".sock",
};

const OWN = /^\.\.clef-[0-9a-f]{16}(\.[a-z]+)?$/;

/** A name that nothing else has. */
export function newOwnName(): string {
  return `..clef-${randomBytes(8).toString("hex")}`;
}

/** The name of something that belongs to a revision, or of a lock. */
export function nameOf(own: string, kind: keyof typeof SUFFIXES): string {
  return own + SUFFIXES[kind];
}

/** Undefined for every name that is not the agent's. */
export function kindOf(name: string): OwnKind | undefined {
  const match = OWN.exec(name);
  if (match === null) return undefined;
  const [, suffix] = match;
  if (suffix === undefined) return "revision";
  return KINDS.find((kind) => SUFFIXES[kind] === suffix);
}

const KINDS = ["record", "new_record", "new_link", "lock"] as const;

/** The revision that readers see; undefined if there is none, or `..data` is not the agent's. */
export function currentRevision(root: Directory): string | undefined {
  const target = root.readLink(DATA);
  return target !== undefined && kindOf(target) === "revision" ? target : undefined;
}
