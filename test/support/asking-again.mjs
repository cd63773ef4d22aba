/**
 * For each port on a line of standard input: as many clients as the argument says ask there, each on a new
 * connection as soon as it has an answer, until it is refused. How their requests ended is a line of output then.
 */
import { connect } from "node:net";
import { createInterface } from "node:readline";

const REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

for await (const port of createInterface({ input: process.stdin })) {
  const ends = { answered: 0, reset: 0, unanswered: 0, cut: 0 };
  const clients = Array.from({ length: Number(process.argv[2]) }, () => askAgain(port, ends));
  await Promise.all(clients);
  console.log(JSON.stringify(ends));
}

async function askAgain(port, ends) {
  for (;;) {
    const { received, code } = await ask(port);
    if (code === "ECONNREFUSED") return;
    if (received.endsWith("}")) ends.answered++;
    else if (received !== "") ends.cut++;
    else if (code === undefined) ends.unanswered++;
    else ends.reset++;
  }
}

function ask(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(REQUEST));
    let received = "";
    let code;
    socket.setEncoding("latin1");
    socket.on("data", (text) => (received += text));
    socket.on("error", (error) => (code = error.code));
    socket.on("close", () => resolve({ received, code }));
  });
}
