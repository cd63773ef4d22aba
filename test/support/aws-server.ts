import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export type AwsListener = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
) => void;

/** A server on a port of its own that is gone when the test ends. Gives its base URL. */
export async function listening(
  context: Pick<TestContext, "after">,
  listener: AwsListener,
): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => listener(request, response, Buffer.concat(chunks)));
    response.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
