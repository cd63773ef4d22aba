import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** Serves on a free port of 127.0.0.1 until the test is over, and gives the port. */
export async function listening(
  context: Pick<TestContext, "after">,
  listener: RequestListener,
): Promise<number> {
  const server = createServer((request, response) => {
    // A client that gave up is no error of ours.
    response.on("error", () => undefined);
    listener(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Sends a body in four pieces over 200 ms. */
export function inPieces(bytes: Uint8Array, response: ServerResponse): void {
  const size = Math.ceil(bytes.length / 4);
  let offset = 0;
  const timer = setInterval(() => {
    response.write(bytes.subarray(offset, offset + size));
    offset += size;
    if (offset < bytes.length) return;
    clearInterval(timer);
    response.end();
  }, 50);
}

/** Another origin, where a redirect can lead: holds `bytes` and notes all it is sent. */
export async function openElsewhere(
  context: Pick<TestContext, "after">,
  bytes: Uint8Array,
): Promise<{ readonly address: string; readonly seen: () => string }> {
  let seen = "";
  const port = await listening(context, (request, response) => {
    seen += [request.url, ...request.rawHeaders].join("\n");
    response.end(bytes);
  });
  return { address: `http://127.0.0.1:${port}`, seen: () => seen };
}
