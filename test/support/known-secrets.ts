/** Everything secret that the tests of this process made, so that any output can be searched for it. */
const SECRETS = new Set<string>();

/** Shorter texts would turn up by chance. */
const SHORTEST = 8;

/** From now on this text counts as secret. */
export function rememberSecret(text: string): string {
  if (text.length >= SHORTEST) SECRETS.add(text);
  return text;
}

/** Every string in a payload is a secret. */
export function rememberPayload(payload: unknown): void {
  if (typeof payload === "string") rememberSecret(payload);
  else if (typeof payload === "object" && payload !== null) {
    for (const member of Object.values(payload)) rememberPayload(member);
  }
}

/** Those of the secrets that are in `bytes`, plain or as JSON, URLs and base64 write them. */
export function secretsIn(bytes: Buffer): readonly string[] {
  return [...SECRETS].filter((secret) =>
    [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64").replaceAll("=", ""),
    ].some((form) => bytes.includes(form)),
  );
}
