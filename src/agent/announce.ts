import type { Config } from "../config/config.ts";
import type { Feed } from "../feed/feed.ts";
import type { Source } from "../source/source.ts";
import type { EventLog } from "../telemetry/event-log.ts";
import { VERSION } from "../version.ts";

export interface Announced {
  readonly config: Config;
  readonly source: Source;
  readonly agentId: string;
  /** Of the listener on 127.0.0.1; undefined where there is none. */
  readonly port: number | undefined;
}

/** Says that the agent has started, where it listens, and once, when it begins to serve secrets. */
export function announce(feed: Feed, log: EventLog, announced: Announced): void {
  const { config, source, agentId, port } = announced;
  const where = {
    address: port === undefined ? undefined : `127.0.0.1:${port}`,
    socket: config.socket?.path,
    source: source.description,
    mode: config.mode.kind,
  };
  log.event({ name: "agent.started", version: VERSION });
  const hasApi = port !== undefined || config.socket !== undefined;
  log.info(hasApi ? "listening" : "started without an API", {
    ...where,
    agentId,
    signatures: config.verifyKeys.length > 0 ? "required" : "not checked",
  });
  const unsubscribe = feed.subscribe((change) => {
    if (change.kind !== "serving") return;
    unsubscribe();
    const { revision, keyCount, from } = change;
    log.info("serving secrets", { ...where, revision, keys: keyCount, from });
  });
}
