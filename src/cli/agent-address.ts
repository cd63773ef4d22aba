import type { EnvReader } from "../config/env-reader.ts";
import { readListening, readSocketPath } from "../config/listeners.ts";

/** Where an agent on this machine is asked. */
export interface AgentAddress {
  readonly connect:
    { readonly socketPath: string } | { readonly host: "127.0.0.1"; readonly port: number };
  /** As a message names it. */
  readonly name: string;
  /** The variable that says so. */
  readonly variable: "CLEF_AGENT_SOCKET" | "CLEF_AGENT_URL" | "CLEF_AGENT_PORT";
}

/** This machine alone: any other host would be somebody else, who would get the token. */
const LOOPBACK_URL = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):(?<port>\d{1,5})\/?$/i;

/**
 * Where the environment says that the agent is: its socket, its URL, or the port that it is itself
 * configured with.
 *
 * @throws AgentError what is wrong with the environment.
 */
export function readAgentAddress(reader: EnvReader): AgentAddress {
  const address = addressIn(reader);
  for (const error of reader.errors) throw error;
  return address;
}

function addressIn(reader: EnvReader): AgentAddress {
  const socketPath = readSocketPath(reader);
  if (socketPath !== undefined) {
    return { connect: { socketPath }, name: socketPath, variable: "CLEF_AGENT_SOCKET" };
  }
  const url = reader.text("CLEF_AGENT_URL");
  const port = url === undefined ? readListening(reader).port : portOf(url);
  const variable = url === undefined ? "CLEF_AGENT_PORT" : "CLEF_AGENT_URL";
  if (port === undefined || port < 1 || port > 65_535) {
    reader.fail(
      "config_invalid",
      url === undefined
        ? "CLEF_AGENT_PORT is 0, any free port; set it, or CLEF_AGENT_URL, to where the agent is"
        : "CLEF_AGENT_URL must be http://127.0.0.1:PORT, such as http://127.0.0.1:7779",
    );
  }
  return { connect: { host: "127.0.0.1", port: port ?? 0 }, name: `127.0.0.1:${port}`, variable };
}

function portOf(url: string): number | undefined {
  const { port } = LOOPBACK_URL.exec(url)?.groups ?? {};
  return port === undefined ? undefined : Number(port);
}
