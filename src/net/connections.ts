import http, { type Agent, type AgentOptions } from "node:http";
import type { SecureContext } from "node:tls";
import { https } from "../system/https.ts";
import { IDLE_MS, IdleConnections } from "./idle-connections.ts";
import { tunnelAgent, type TunnelOptions } from "./tunnel.ts";

/** Connections of one kind, kept for the next request. */
export interface Connections {
  readonly agent: Agent;
  readonly idle: IdleConnections;
}

/** As Node.js keeps those of its own agents. */
const KEPT: AgentOptions = { keepAlive: true, scheduling: "lifo", timeout: IDLE_MS };

export function plainConnections(): Connections {
  return kept(new http.Agent(KEPT));
}

/** NODE_TLS_REJECT_UNAUTHORIZED does not hold here: what is not verified is not asked. */
export function tlsConnections(secureContext: SecureContext): Connections {
  const { Agent: HttpsAgent } = https();
  return kept(new HttpsAgent({ ...KEPT, secureContext, rejectUnauthorized: true }));
}

export function tunnelConnections(options: TunnelOptions): Connections {
  return kept(tunnelAgent(options, KEPT));
}

function kept(agent: Agent): Connections {
  return { agent, idle: new IdleConnections(agent, Date.now) };
}
