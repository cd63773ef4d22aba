import { Decrypter, identityToRecipient } from "age-encryption";

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

/** Whether `recipient` is one that an artifact can be encrypted to (`age1…`, `age1pq1…`). */
export { identityToRecipient as recipientOf };

function isAgeIdentity(text: string): boolean {
  try {
    new Decrypter().addIdentity(text);
    return true;
  } catch {
    return false;
  }
}
