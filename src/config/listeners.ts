import type { EnvReader } from "./env-reader.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

const isPort = (value: number): boolean => value >= 0 && value <= 65_535;

/** The port of the listener on 127.0.0.1. */
export function readPort(reader: EnvReader): number {
  return reader.integer("CLEF_AGENT_PORT", 7779, isPort, "a port from 0 to 65535");
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
