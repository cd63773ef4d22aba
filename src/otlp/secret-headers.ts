import { headersOf, parseHeaders } from "../net/pairs.ts";
import type { Snapshot } from "../store/snapshot.ts";

type Headers = Readonly<Record<string, string>>;

/** Keys of the payload that hold the collector's credentials (contract, section 6). */
const HEADERS_KEY = "CLEF_TELEMETRY_HEADERS";
const TOKEN_KEY = "CLEF_TELEMETRY_TOKEN";

/**
 * The headers that the packed secrets ask telemetry to be sent with; none if they hold neither key.
 *
 * @throws Error that says what is wrong with them, without any value.
 */
export function headersIn(secrets: Snapshot): Headers {
  const list = textOf(secrets, HEADERS_KEY);
  if (list !== undefined) return describing(HEADERS_KEY, () => parseHeaders(list));
  const token = textOf(secrets, TOKEN_KEY);
  if (token === undefined) return {};
  return describing(TOKEN_KEY, () => headersOf([["authorization", `Bearer ${token.trim()}`]]));
}

/** The value as a string, which lives as long as the request that it is made for. */
function textOf(secrets: Snapshot, key: string): string | undefined {
  const [entry, other] = secrets.index.find(key);
  if (entry === undefined) return undefined;
  if (other !== undefined) throw new Error(`${key} is in several namespaces of the secrets`);
  const json = secrets.valueJson(entry);
  try {
    const read: unknown = JSON.parse(json.toString("utf8"), (_, value: unknown) =>
      typeof value === "object" && value !== null && "value" in value ? value.value : value,
    );
    return typeof read === "string" && read.trim() !== "" ? read : undefined;
  } finally {
    json.fill(0);
  }
}

function describing(key: string, read: () => Headers): Headers {
  try {
    return read();
  } catch (error) {
    const problem = error instanceof Error ? error.message : "it cannot be read";
    throw new Error(`${key} in the secrets cannot be used: ${problem}`, { cause: error });
  }
}
