import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { HOST_BINARY } from "../../scripts/build-binary.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { blackBox, localFolder } from "../support/package/black-box.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const skip = process.platform === "win32" ? "signals are not what they are elsewhere" : undefined;

blackBox({ name: "executable", command: () => [HOST_BINARY], folder: localFolder }, { skip });

async function environment(t: TestContext): Promise<Readonly<Record<string, string>>> {
  const source = join(await temporaryDirectory(t), "artifact.json");
  await writeFile(source, await pack());
  return { CLEF_AGENT_SOURCE: source, CLEF_AGENT_AGE_KEY: AGE_IDENTITY };
}

test("the executable hears no NODE_OPTIONS: no code, no inspector, no report of its memory", async (t) => {
  const folder = await temporaryDirectory(t);
  const mark = join(folder, "loaded");
  const preload = join(folder, "preload.cjs");
  await writeFile(preload, `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "")`);
  const options = [
    `--require=${preload}`,
    "--inspect=127.0.0.1:0",
    "--heapsnapshot-signal=SIGUSR2",
    "--report-on-signal",
    `--report-directory=${folder}`,
    `--diagnostic-dir=${folder}`,
  ];
  const env = { ...(await environment(t)), NODE_OPTIONS: options.join(" ") };
  const agent = AgentProcess.start(t, env, ["run"], [HOST_BINARY]);
  await agent.ready();
  assert.doesNotMatch(agent.stderr, /Debugger/);
  // Nobody takes it, so that it ends the process rather than writing its memory down.
  agent.child.kill("SIGUSR2");
  assert.deepEqual(await agent.ended(), { code: null, signal: "SIGUSR2" });
  assert.deepEqual(await readdir(folder), ["preload.cjs"]);
});

test("the executable opens no inspector on SIGUSR1, not even while it starts", async (t) => {
  const env = await environment(t);
  for (let waitMs = 0; waitMs < 60; waitMs += 6) {
    const agent = AgentProcess.start(t, env, ["run"], [HOST_BINARY]);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    // Again and again, so that one comes in the moment between Node's own start and the first line of ours.
    const again = setInterval(() => agent.child.kill("SIGUSR1"), 1);
    await eventually(
      "an agent that serves, or that the signal ended",
      () => agent.exit ?? agent.stderr.includes('"listening"'),
    );
    clearInterval(again);
    assert.doesNotMatch(agent.stderr, /Debugger/, `after ${waitMs} ms`);
    if (agent.exit === undefined) await agent.stop();
    // Before Node has started, it ends what does not know it yet.
    else assert.equal(agent.exit.signal, "SIGUSR1");
  }
});
