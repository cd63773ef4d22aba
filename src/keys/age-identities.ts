import {
  Decrypter,
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";

/**
 * Reads age identities, one a line, as `age-keygen` writes them: blank lines and lines that start
 * with `#` are passed over.
 *
 * @returns the identities (`AGE-SECRET-KEY-1…`, or `AGE-SECRET-KEY-PQ-1…` for the post-quantum
 *   hybrid) in their order.
 * @throws Error saying what is wrong and on which line, without the line itself.
 */
export function parseAgeIdentities(text: string): readonly string[] {
  const identities: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const identity = line.trim();
    if (identity === "" || identity.startsWith("#")) continue;
    if (!isAgeIdentity(identity)) {
      throw new Error(`line ${index + 1} is not an age identity (AGE-SECRET-KEY-…)`);
    }
    identities.push(identity);
  }
  if (identities.length === 0) throw new Error("it holds no age identity (AGE-SECRET-KEY-…)");
  return identities;
}

function isAgeIdentity(text: string): boolean {
  try {
    new Decrypter().addIdentity(text);
    return true;
  } catch {
    return false;
  }
}

/** The recipient (`age1…`, `age1pq1…`), or undefined if the text is none. */
export function parseRecipient(text: string): string | undefined {
  const recipient = text.trim();
  try {
    new Encrypter().addRecipient(recipient);
    return recipient;
  } catch {
    return undefined;
  }
}

/** A new identity, as a file for `CLEF_AGENT_AGE_KEY_FILE`, and the recipient that goes with it. */
export async function generateAgeKey(
  kind: "x25519" | "hybrid",
  now: Date,
): Promise<{ readonly file: string; readonly recipient: string }> {
  const identity = await (kind === "hybrid" ? generateHybridIdentity() : generateX25519Identity());
  const recipient = await identityToRecipient(identity);
  const file = `# created: ${now.toISOString()}\n# public key: ${recipient}\n${identity}\n`;
  return { file, recipient };
}
