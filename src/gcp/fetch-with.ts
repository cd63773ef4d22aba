import type { CredentialClient } from "../net/credential-client.ts";

/** `fetch` as Google's library uses it, over the agent's network. */
export function fetchWith(client: CredentialClient): typeof fetch {
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init.headers);
    // Any kind of body, as bytes and with its type.
    const body = new Response(init.body ?? null);
    const type = body.headers.get("content-type");
    if (type !== null && !headers.has("content-type")) headers.set("content-type", type);
    const answer = await client.send({
      method: methodOf(init.method),
      url,
      headers: Object.fromEntries(headers),
      ...(init.body === undefined || init.body === null
        ? {}
        : { body: Buffer.from(await body.arrayBuffer()) }),
      signal: init.signal ?? undefined,
    });
    const isBodiless = answer.status === 204 || answer.status === 304;
    return new Response(isBodiless ? null : answer.bytes, {
      status: answer.status,
      headers: Object.fromEntries(answer.headers.entries()),
    });
  };
}

function methodOf(method: string | undefined): "GET" | "POST" | "PUT" {
  switch (method?.toUpperCase()) {
    case undefined:
    case "GET":
      return "GET";
    case "POST":
      return "POST";
    case "PUT":
      return "PUT";
    default:
      throw new Error("Google's library asks for credentials with GET, POST and PUT");
  }
}
