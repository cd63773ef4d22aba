import { connect, type Socket } from "node:net";

/**
 * A local user without the token, as a process of its own: `connection-attack.ts <port> <kind> <sockets>`.
 * Keeps that many connections, and opens another for each that is closed, until it is killed.
 */

const GET = "GET /v1/health HTTP/1.1\r\n";

/** What is sent on each connection, and again after each answer. */
const SENT: Readonly<Record<string, string>> = {
  idle: "",
  half_closed: "",
  slow_headers: `${GET}Host: loc`,
  health: `${GET}Host: localhost\r\n\r\n`,
  unauthorized:
    "GET /v1/secrets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer wrong\r\n\r\n",
  forbidden: `${GET}Host: evil\r\n\r\n`,
  pipelined: `${GET}\r\n`.repeat(2_500),
  many_headers: `${GET}${"a:\r\n".repeat(1_900)}\r\n`,
  connect_flood: "",
};

const [port = "0", kind = "", sockets = "0"] = process.argv.slice(2);
const text = SENT[kind];
if (text === undefined) throw new Error(`no such attack: ${kind}`);
const body: string = text;

function open(): void {
  const socket: Socket = connect({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => undefined);
  socket.once("close", () => setImmediate(open));
  // What the agent has ended is ended, so that the next one takes its place at once.
  socket.once("end", () => socket.destroy());
  socket.on("data", () => body !== "" && socket.write(body));
  socket.once("connect", () => {
    if (kind === "connect_flood") socket.resetAndDestroy();
    else if (kind === "half_closed") socket.end();
    else if (body !== "") socket.write(body);
  });
}

for (let index = 0; index < Number(sockets); index++) open();
process.stdout.write("attacking\n");
