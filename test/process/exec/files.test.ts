import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { AgentProcess } from "../../support/agent-process.ts";
import { pack } from "../../support/artifacts.ts";
import { ExecAgent } from "../../support/exec/exec-agent.ts";
import { memoryDirectory, namesIn } from "../../support/files.ts";
import { filesPlace } from "../../support/files-place.ts";
import { eventually } from "../../support/temporary.ts";

const COMMAND = ["exec", "--no-env", "--no-api", "--on-change", "signal:HUP", "--"];

describe("exec with CLEF_AGENT_FILES_DIR", () => {
  test("starts the command, and sends its signal, once the files hold what is served", async (context) => {
    const at = await filesPlace(context);
    at.put(await pack({ secrets: { A: "1" } }));
    const script = `echo "start $(cat "$0/A")"; trap 'echo "change $(cat "$0/A")"' HUP; while :; do sleep 0.05; done`;
    const agent = AgentProcess.start(context, at.env, [
      ...COMMAND,
      "sh",
      "-c",
      script,
      at.directory,
    ]);
    await eventually("the start", () => agent.stdout.includes("start 1\n"));
    for (const A of ["2", "3", "4"]) {
      at.put(await pack({ secrets: { A } }));
      await eventually(`the change to ${A}`, () => agent.stdout.includes(`change ${A}\n`));
    }
    assert.equal(agent.stdout, "start 1\nchange 2\nchange 3\nchange 4\n");
    agent.child.kill("SIGTERM");
    await agent.ended();
    assert.deepEqual(namesIn(at.directory), []);
  });

  test("exits 1 without having run it where the files cannot be written within the start-up time", async (context) => {
    const at = await filesPlace(context);
    mkdirSync(join(at.directory, "A"));
    at.put(await pack({ secrets: { A: "1" } }));
    const marker = join(at.directory, "ran");
    const env = { ...at.env, CLEF_AGENT_STARTUP_TIMEOUT: "1" };
    const agent = AgentProcess.start(context, env, [...COMMAND, "touch", marker]);
    assert.equal((await agent.ended()).code, 1);
    assert.ok(agent.log.some(({ code }) => code === "files_foreign"));
    assert.ok(agent.log.some(({ code }) => code === "startup_timeout"));
    assert.throws(() => readFileSync(marker));
  });
});

/** Reads its secret from the file, at the start and whenever it is told to. */
const READER = [
  "sh",
  "-c",
  `trap 'echo "told $(cat "$FILES/KEY")"' HUP
   trap 'echo asked' USR2
   echo "ready $(cat "$FILES/KEY") \${KEY-none}"
   while :; do sleep 0.05; done`,
] as const;

test("no signal of --on-change comes where the files could not be written, and one once they are", async (t) => {
  const directory = memoryDirectory(t);
  const exec = await ExecAgent.start(t, READER, {
    options: ["--no-env", "--on-change", "signal:HUP"],
    env: { CLEF_AGENT_FILES_DIR: directory, FILES: directory },
  });
  await exec.prints("ready one none");
  await exec.repack({ KEY: "two" });
  await exec.prints("told two");
  await exec.repack({ KEY: "three", "a/b": "no name of a file" });
  await exec.event("files.failed");
  exec.agent.child.kill("SIGUSR2");
  await exec.prints("asked");
  assert.equal(exec.printed.split("told").length - 1, 1);
  await exec.repack({ KEY: "four" });
  await exec.prints("told four");
  assert.equal(exec.printed.split("told").length - 1, 2);
});
