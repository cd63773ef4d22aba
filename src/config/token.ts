import { TOKEN_MAX_BYTES, TOKEN_MIN_SAFE_LENGTH, TOKEN_MIN_VARIETY } from "../limits.ts";
import type { EnvReader } from "./env-reader.ts";

export type TokenConfig =
  | { readonly kind: "fixed"; readonly token: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "generated" };

/** Where the bearer token comes from; what is wrong with it is recorded. */
export function readToken(reader: EnvReader): TokenConfig | undefined {
  const token = reader.text("CLEF_AGENT_TOKEN");
  const path = reader.text("CLEF_AGENT_TOKEN_FILE");
  if (token !== undefined && path !== undefined) {
    reader.conflict("CLEF_AGENT_TOKEN", "CLEF_AGENT_TOKEN_FILE");
    return undefined;
  }
  if (path !== undefined) return { kind: "file", path };
  if (token === undefined) return { kind: "generated" };
  const checked = reader.tryTo("config_invalid", "CLEF_AGENT_TOKEN", () => checkToken(token));
  return checked === undefined ? undefined : { kind: "fixed", token: checked };
}

/** @throws Error if the token cannot travel in an Authorization header (RFC 6750, section 2.1). */
export function checkToken(token: string): string {
  if (token.length > TOKEN_MAX_BYTES) {
    throw new Error(`it is longer than ${TOKEN_MAX_BYTES} characters`);
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new Error("it must be visible ASCII characters without spaces");
  }
  return token;
}

/**
 * What to warn of where a token can be guessed; undefined where nothing speaks for it.
 *
 * @param variable - the one that holds the token, or names its file.
 */
export function guessableToken(variable: string, token: string): string | undefined {
  const remedy = "use at least 32 random characters, or let the agent make the token";
  if (token.length < TOKEN_MIN_SAFE_LENGTH) {
    return `the token of ${variable} is shorter than ${TOKEN_MIN_SAFE_LENGTH} characters and can be guessed; ${remedy}`;
  }
  if (new Set(token).size < TOKEN_MIN_VARIETY || repeats(token)) {
    return `the token of ${variable} is made of few characters that repeat and can be guessed; ${remedy}`;
  }
  return undefined;
}

/** Whether the text is a shorter one written again and again, as "changeme-changeme-". */
function repeats(text: string): boolean {
  return (text + text).indexOf(text, 1) < text.length;
}
