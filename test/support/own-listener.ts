import type { TestContext } from "node:test";
import { DRAIN_MS } from "../../src/limits.ts";
import type { ConnectionLimits, Dropped } from "../../src/server/connection-policy.ts";
import type { Handler } from "../../src/server/handler.ts";
import { listen, type TcpListener } from "../../src/server/listen.ts";

export interface OwnListenerOptions {
  readonly handler: (port: number) => Handler;
  readonly limits?: ConnectionLimits;
  readonly onDropped?: (reason: Dropped) => void;
  readonly host?: string;
  readonly port?: number;
  readonly variable?: string;
}

/** The listener of `src/server` with a handler of the test's own, on a free port; the caller closes it. */
export function openOwnListener(options: OwnListenerOptions): Promise<TcpListener> {
  return listen({
    address: { host: options.host ?? "127.0.0.1", port: options.port ?? 0 },
    variable: options.variable ?? "CLEF_AGENT_PORT",
    handler: options.handler,
    limits: options.limits ?? { unproven: 64, trusted: 64 },
    onDropped: options.onDropped ?? (() => undefined),
  });
}

/** The same, open until the test ends. */
export async function ownListener(
  context: Pick<TestContext, "after">,
  options: OwnListenerOptions,
): Promise<TcpListener> {
  const listener = await openOwnListener(options);
  context.after(() => listener.close(DRAIN_MS));
  return listener;
}
