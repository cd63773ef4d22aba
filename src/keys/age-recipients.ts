import {
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";

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
