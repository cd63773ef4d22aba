import { AsyncLocalStorage } from "node:async_hooks";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { CredentialClient } from "../net/credential-client.ts";
import { requestHandler } from "./request-handler.ts";

/** The client whose way requests take now: the chain makes a transport of its own for the endpoint of a container. */
const way = new AsyncLocalStorage<CredentialClient>();

// oxlint-disable-next-line unbound-method -- it is called with the `this` that it is given
const { handle } = NodeHttpHandler.prototype;
NodeHttpHandler.prototype.handle = function (request, options) {
  const client = way.getStore();
  return client === undefined
    ? handle.call(this, request, options)
    : requestHandler(client).handle(request, options);
};

/** Runs a look-up of which every request is made with the client. */
export function overClient<Result>(
  client: CredentialClient,
  look: () => Promise<Result>,
): Promise<Result> {
  return way.run(client, look);
}
