import { resolve } from "node:path";
import { SOCKET_PATH_MAX_BYTES } from "../limits.ts";
import type { EnvReader } from "./env-reader.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A Unix socket that serves the API. */
export interface SocketConfig {
  /** Absolute. */
  readonly path: string;
  /** Permission bits; none for others. */
  readonly mode: number;
}

/** Where the API is served (contract, section 2): on a port of 127.0.0.1, on a socket, or on both. */
export interface Listening {
  /** 0 is any free port, and undefined opens none. */
  readonly port: number | undefined;
  readonly socket: SocketConfig | undefined;
}

const DEFAULT_PORT = 7779;
const DEFAULT_MODE = 0o600;

const isPort = (value: number): boolean => value >= 0 && value <= 65_535;

export function readListening(reader: EnvReader): Listening {
  const noPort = reader.text("CLEF_AGENT_PORT") === "none";
  const port = noPort
    ? undefined
    : reader.integer("CLEF_AGENT_PORT", DEFAULT_PORT, isPort, "a port from 0 to 65535, or none");
  const path = readSocketPath(reader);
  const mode = readSocketMode(reader);
  if (path !== undefined) return { port, socket: { path, mode } };
  if (reader.text("CLEF_AGENT_SOCKET_MODE") !== undefined) {
    reader.fail(
      "config_missing",
      "CLEF_AGENT_SOCKET_MODE without CLEF_AGENT_SOCKET: name the socket to listen on",
    );
  }
  if (noPort) {
    reader.fail(
      "config_missing",
      "CLEF_AGENT_PORT is none and CLEF_AGENT_SOCKET is not set, so nobody could reach the agent; set one of them",
    );
  }
  return { port, socket: undefined };
}

/** The socket that an agent listens on, or that its clients connect to. */
export function readSocketPath(reader: EnvReader): string | undefined {
  const text = reader.text("CLEF_AGENT_SOCKET");
  if (text === undefined) return undefined;
  // The command of `exec` may be in another directory.
  const path = resolve(text);
  if (Buffer.byteLength(path) > SOCKET_PATH_MAX_BYTES) {
    reader.fail(
      "config_invalid",
      `CLEF_AGENT_SOCKET is longer than ${SOCKET_PATH_MAX_BYTES} bytes, more than the system takes for a socket; use a shorter path`,
    );
  }
  return path;
}

/** Octal. Who may write to a socket may connect to it, and the owner always may. */
function readSocketMode(reader: EnvReader): number {
  const text = reader.text("CLEF_AGENT_SOCKET_MODE");
  if (text === undefined) return DEFAULT_MODE;
  const mode = /^0?[0-7]{3}$/.test(text) ? Number.parseInt(text, 8) : 0;
  const forOthers = (mode & 0o007) !== 0;
  if ((mode & 0o600) === 0o600 && !forOthers) return mode;
  reader.fail(
    "config_invalid",
    "CLEF_AGENT_SOCKET_MODE must be an octal mode that lets the owner read and write and gives others nothing, such as 0600 or 0660",
  );
  return DEFAULT_MODE;
}

/** Where probes and scrapers are answered; undefined where they are not. */
export function readProbeListen(reader: EnvReader): Address | undefined {
  const text = reader.text("CLEF_AGENT_PROBE_LISTEN");
  if (text === undefined) return undefined;
  const [, ipv6, name, port] = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]/]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host !== undefined && isPort(Number(port))) {
    // Where localhost means ::1 first, a probe of 127.0.0.1 would find nobody.
    const address = host.toLowerCase() === "localhost" ? "127.0.0.1" : host;
    return { host: address, port: Number(port) };
  }
  reader.fail("config_invalid", "CLEF_AGENT_PROBE_LISTEN must be host:port, such as 0.0.0.0:7780");
  return undefined;
}
