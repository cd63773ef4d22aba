import assert from "node:assert/strict";
import cluster from "node:cluster";
import { once } from "node:events";
import path from "node:path";
import { test } from "node:test";
import { freePort } from "../../../scripts/free-port.ts";
import { httpRequest } from "../../support/agent-process.ts";

test("the workers of a cluster share a port", async (t) => {
  const port = await freePort();
  cluster.setupPrimary({
    exec: path.join(import.meta.dirname, "../../support/cluster-worker.ts"),
    args: [String(port)],
  });
  const workers = [cluster.fork(), cluster.fork()];
  t.after(() => {
    for (const worker of workers) worker.process.kill();
  });
  const said = await Promise.all(
    workers.map(async (worker) => {
      const [message] = (await once(worker, "message")) as [unknown];
      return message;
    }),
  );
  assert.deepEqual(said, ["listening", "listening"]);
  assert.equal((await httpRequest(port, "/", {})).body, '"from a worker"');
});
