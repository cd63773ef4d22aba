import { connect, type Socket } from "node:net";
import { TOKEN } from "./agent-process.ts";
import { eventually } from "./temporary.ts";

/** A client that sends its requests at once and reads nothing; back when the agent is stuck on it. */
export async function stuckClient(port: number, paths: readonly string[]): Promise<Socket> {
  const client = connect(port, "127.0.0.1");
  client.on("error", () => undefined);
  // Fills its own small buffer and takes no more.
  client.on("readable", () => undefined);
  const headers = `Host: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;
  client.write(paths.map((path) => `GET ${path} HTTP/1.1\r\n${headers}`).join(""));
  await eventually("the first bytes of the answer", () => client.readableLength > 0 || undefined);
  return client;
}
