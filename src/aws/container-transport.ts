import { AsyncLocalStorage } from "node:async_hooks";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { CredentialClient } from "../net/credential-client.ts";
import { requestHandler } from "./request-handler.ts";

/**
 * The client whose way requests take now, where they take one: the chain makes a transport of its own for the endpoint of
 * a container, which takes the direct one.
 */
const way = new AsyncLocalStorage<CredentialClient | "direct">();

// oxlint-disable-next-line unbound-method -- it is called with the `this` that it is given
const { handle } = NodeHttpHandler.prototype;
NodeHttpHandler.prototype.handle = function (request, options) {
  const client = way.getStore();
  if (client === undefined) return handle.call(this, request, options);
  // After its time it would write to the console, and wait on all the same.
  if (client === "direct") return handle.call(this, request, { ...options, requestTimeout: 0 });
  return requestHandler(client).handle(request, options);
};

/** Runs a look-up of which every request is made with the client, or directly. */
export function onWay<Result>(
  client: CredentialClient | "direct",
  look: () => Promise<Result>,
): Promise<Result> {
  return way.run(client, look);
}
