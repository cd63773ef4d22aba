import { systemCode } from "../errors.ts";

/** Names that say no more than that something failed. */
const VAGUE: ReadonlySet<string> = new Set([
  "Error",
  "TypeError",
  "AggregateError",
  "ProviderError",
  "CredentialsProviderError",
  "TokenProviderError",
]);

/**
 * The system's or the service's code of something that a library threw (`ECONNREFUSED`,
 * `InvalidIdentityToken`), or undefined. Its message is not for us: it can quote what it was given.
 */
export function errorName(thrown: unknown): string | undefined {
  const name = systemCode(thrown) ?? (thrown instanceof Error ? thrown.name : undefined);
  return name !== undefined && /^\w{1,64}$/.test(name) && !VAGUE.has(name) ? name : undefined;
}
