import { randomBytes } from "node:crypto";

/** What no log may hold: see World.end(). */
const TEXTS = new Set<string>();

export function secretTexts(): readonly string[] {
  return [...TEXTS];
}

export function rememberSecret(text: string): string {
  TEXTS.add(text);
  return text;
}

/** A new value for a secret, which nothing else resembles. */
export function secretValue(): string {
  return rememberSecret(`secret-${randomBytes(9).toString("hex")}`);
}
