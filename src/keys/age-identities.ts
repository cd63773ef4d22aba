import { bech32 } from "@scure/base";

/** An age identity: the text of its line, and what kind it is. */
export interface AgeIdentity {
  readonly kind: "x25519" | "hybrid";
  /** `AGE-SECRET-KEY-1…`, or `AGE-SECRET-KEY-PQ-1…` for the post-quantum hybrid. */
  readonly text: string;
}

const PREFIXES = { x25519: "AGE-SECRET-KEY-", hybrid: "AGE-SECRET-KEY-PQ-" } as const;

/**
 * Reads age identities, one a line, as `age-keygen` writes them: blank lines and lines that start
 * with `#` are passed over. At least one is required.
 *
 * @throws Error saying what is wrong and on which line, without the line itself.
 */
export function parseAgeIdentities(text: string): readonly AgeIdentity[] {
  const identities: AgeIdentity[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const identity = parseAgeIdentity(trimmed);
    if (identity === undefined) {
      throw new Error(`line ${index + 1} ${whatItIs(trimmed)}`);
    }
    identities.push(identity);
  }
  if (identities.length === 0) throw new Error("it holds no age identity (AGE-SECRET-KEY-…)");
  return identities;
}

/** What stands in the place of an identity, told by how it begins, and what to do; never the line itself. */
function whatItIs(line: string): string {
  if (/^age1/i.test(line))
    return "is an age recipient, the public half; give the identity (AGE-SECRET-KEY-…)";
  if (/^AGE-PLUGIN-/i.test(line)) {
    return "is an identity of an age plugin, and no plugin is run; give an identity of its own (clef-agent keygen age), or use a KMS";
  }
  if (/^(?:ssh-|-----BEGIN (?:OPENSSH|RSA|EC|DSA)? ?PRIVATE KEY)/.test(line)) {
    return "begins an SSH or PEM key, which opens no artifact; make an age identity (clef-agent keygen age)";
  }
  if (/^(?:age-encryption\.org\/|-----BEGIN AGE ENCRYPTED FILE)/.test(line)) {
    return "begins a key file that is protected by a passphrase; decrypt it first (age -d), as nobody is there to type it";
  }
  if (/^["'].*["']$/.test(line)) return "is in quotes; write it without them";
  return "is not an age identity (AGE-SECRET-KEY-…)";
}

/** The 32 secret bytes of an identity, which belong to the caller, who wipes them. */
export function identityBytes({ text }: AgeIdentity): Uint8Array {
  return bech32.decodeToBytes(text).bytes;
}

/** Checks prefix, checksum and length (https://c2sp.org/age, "X25519 identities"). */
function parseAgeIdentity(text: string): AgeIdentity | undefined {
  let decoded;
  try {
    decoded = bech32.decodeToBytes(text);
  } catch {
    return undefined;
  }
  const { prefix, bytes } = decoded;
  const fits = text === text.toUpperCase() && bytes.length === 32;
  bytes.fill(0);
  if (!fits) return undefined;
  if (prefix.toUpperCase() === PREFIXES.x25519) return { kind: "x25519", text };
  return prefix.toUpperCase() === PREFIXES.hybrid ? { kind: "hybrid", text } : undefined;
}
