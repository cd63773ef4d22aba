import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { AgentProcess, TOKEN } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const EXECUTABLE = fileURLToPath(new URL("../../dist/clef-agent.js", import.meta.url));

/** Collects all garbage at SIGUSR2. */
const COLLECT = `process.on("SIGUSR2", () => {
  for (let round = 0; round < 3; round++) gc();
  console.log("collected");
});`;

/** What handles every request, in the agent and in node:http. */
const HANDLES_REQUESTS = ["onRequest", "requestOf", "send", "resOnFinish", "emitCloseNT"];

test("what was compiled for requests is kept by a collection while there is none", async (t) => {
  const directory = await temporaryDirectory(t);
  const source = join(directory, "artifact.json");
  await writeFile(source, await pack());
  const agent = AgentProcess.start(
    t,
    { CLEF_AGENT_SOURCE: source, CLEF_AGENT_AGE_KEY: AGE_IDENTITY },
    ["run"],
    [
      process.execPath,
      "--expose-gc",
      // Compiles after a tenth of the requests that it takes otherwise.
      "--invocation-count-for-maglev=40",
      "--invocation-count-for-turbofan=300",
      "--trace-opt",
      "--trace-deopt",
      "--import",
      `data:text/javascript,${COLLECT}`,
      EXECUTABLE,
    ],
  );
  await agent.ready();
  const port = await agent.port();
  const connections = new Agent({ keepAlive: true, maxSockets: 4 });
  t.after(() => connections.destroy());
  await askOften(port, connections, 5_000);
  agent.child.kill("SIGUSR2");
  await eventually("collected", () => agent.stdout.includes("collected"));
  // V8 writes its traces when there are many of them, or at the end.
  await agent.stop();
  const compiled = namesIn(agent.stdout, /completed optimizing \S+ <JSFunction (\S+) /g);
  const dropped = namesIn(agent.stdout, /<SharedFunctionInfo (\S+)>\).*weak objects cleared/g);
  const ofRequests = HANDLES_REQUESTS.filter((name) => compiled.has(name));
  assert.ok(ofRequests.length > 2, [...compiled].join(" "));
  assert.deepEqual(
    ofRequests.filter((name) => dropped.has(name)),
    [],
  );
});

function namesIn(trace: string, pattern: RegExp): ReadonlySet<string> {
  return new Set([...trace.matchAll(pattern)].map(([, name = ""]) => name));
}

async function askOften(port: number, agent: Agent, times: number): Promise<void> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const to = { host: "127.0.0.1", port, path: "/v1/secrets", agent, headers };
      get(to, (answer) => void answer.resume().on("end", resolve)).on("error", reject);
    });
  await Promise.all(Array.from({ length: times }, ask));
}
