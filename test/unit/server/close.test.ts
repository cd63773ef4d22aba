import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { errorResponse } from "../../../src/server/response.ts";
import { ownListener } from "../../support/own-listener.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const CLIENTS = 300;

/** Connects and asks so often at once, says so by a file, and prints how many answers came. */
const CROWD = `
const { connect } = require("node:net");
const [port, count, marker] = process.argv.slice(1);
let asked = 0, answered = 0, closed = 0;
for (let index = 0; index < count; index++) {
  const socket = connect(port, "127.0.0.1", () => {
    socket.write("GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n", () => {
      if (++asked == count) require("node:fs").writeFileSync(marker, "");
    });
  });
  socket.once("data", () => answered++);
  socket.on("error", () => undefined);
  socket.on("close", () => ++closed == count && console.log(answered));
}`;

test("a listener that closes answers all who asked before, though none of them was accepted yet", async (t) => {
  const answer = errorResponse(200, "all is well");
  const listener = await ownListener(t, {
    handler: () => () => answer,
    limits: { unproven: 2 * CLIENTS, trusted: CLIENTS },
  });
  const marker = join(await temporaryDirectory(t), "asked");
  const args = ["-e", CROWD, String(listener.port), String(CLIENTS), marker];
  const crowd = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => crowd.kill("SIGKILL"));
  let said = "";
  crowd.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise((resolve) => crowd.once("close", resolve));
  // The event loop stands still, as on a machine that has other things to do.
  while (!existsSync(marker)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  await listener.close(30_000);
  await ended;
  assert.equal(said.trim(), String(CLIENTS));
});
