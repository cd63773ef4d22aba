import { ClientError } from "./error.ts";

/** Where the agent is, and what it is shown. An option goes before its variable. */
export interface ConnectOptions {
  /** `http://127.0.0.1:PORT`; otherwise `CLEF_AGENT_URL`, or `http://127.0.0.1:7779`. */
  readonly url?: string | undefined;
  /** The path of the agent's Unix socket, which goes before a URL; otherwise `CLEF_AGENT_SOCKET`. */
  readonly socket?: string | undefined;
  /** The bearer token; otherwise `CLEF_AGENT_TOKEN`. A socket asks for none, and is shown none. */
  readonly token?: string | undefined;
  /** A file that holds the token, read again when the agent refuses it; otherwise `CLEF_AGENT_TOKEN_FILE`. */
  readonly tokenFile?: string | undefined;
  /** Where the variables are read; `process.env` unless given. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** What to do about a token. */
export const SET_TOKEN = "set CLEF_AGENT_TOKEN or CLEF_AGENT_TOKEN_FILE";

/** What `node:http` connects to. */
type Address = { readonly socketPath: string } | { readonly host: string; readonly port: number };

export interface Settings {
  readonly address: Address;
  /** For messages. */
  readonly where: string;
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** @throws ClientError `config_invalid` */
export function settingsOf(options: ConnectOptions): Settings {
  const { url, socket, token, tokenFile, env = process.env } = options;
  // An empty variable counts as unset.
  const read = (name: string): string | undefined =>
    (env[`CLEF_AGENT_${name}`] ?? "").trim() || undefined;
  const socketPath = url === undefined ? (socket ?? read("SOCKET")) : socket;
  // Its permissions are the authentication.
  if (socketPath !== undefined) return { address: { socketPath }, where: socketPath };
  const place = url ?? read("URL") ?? "http://127.0.0.1:7779";
  const isGiven = (token ?? tokenFile) !== undefined;
  const settings = {
    address: addressOf(place),
    where: place,
    token: isGiven ? token : read("TOKEN"),
    tokenFile: isGiven ? tokenFile : read("TOKEN_FILE"),
  };
  if (settings.token && settings.tokenFile) {
    throw invalid(`${SET_TOKEN}, not both`);
  }
  return settings;
}

/** The agent listens on this machine alone, so any other host would be somebody else, with the token. */
function addressOf(url: string): Address {
  const [match, port = "80"] =
    /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?\/?$/i.exec(url) ?? [];
  if (!match || Number(port) > 65_535) {
    throw invalid("CLEF_AGENT_URL must be http://127.0.0.1:PORT");
  }
  // What `node:http` sends there goes through the proxy of the environment, the token with it.
  if (/^(1|2\.[0-3])\./.test(process.versions["deno"] ?? "")) {
    throw invalid("needs Deno 2.4 or newer");
  }
  // It has no other name: no resolver is asked for `localhost`, whose answer would get the token.
  return { host: "127.0.0.1", port: Number(port) };
}

function invalid(message: string): ClientError {
  return new ClientError("config_invalid", message);
}
