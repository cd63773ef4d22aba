import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pack, revocation } from "../../support/artifacts.ts";
import { STUBBORN } from "../../support/exec/commands.ts";
import { ExecAgent } from "../../support/exec/exec-agent.ts";
import { isAlive } from "../../support/exec/processes.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

describe("the exit code", { concurrency: 3 }, () => {
  for (const [command, code] of [
    [["sh", "-c", "exit 7"], 7],
    [["true"], 0],
    [["sh", "-c", "kill -KILL $$"], 137],
    [["sh", "-c", "kill -TERM $$"], 143],
    [["no-such-program"], 127],
    [["/etc/passwd"], 126],
    [["/"], 126],
    [["/etc/passwd/x"], 126],
    [[""], 127],
  ] as const) {
    test(`of "${command.join(" ")}" is ${code}`, async (t) => {
      const exec = await ExecAgent.start(t, command);
      assert.equal(await exec.code(), code, exec.agent.stderr);
    });
  }

  test("is 127 where the interpreter of the first line is missing", async (t) => {
    const file = join(await temporaryDirectory(t), "script");
    await writeFile(file, "#!/no/such/interpreter\n", { mode: 0o755 });
    const exec = await ExecAgent.start(t, [file]);
    assert.equal(await exec.code(), 127);
  });

  test("is 1 within CLEF_AGENT_STARTUP_TIMEOUT where nothing can be served", async (t) => {
    const exec = await ExecAgent.start(t, ["echo", "ran"], {
      artifact: "no artifact",
      env: { CLEF_AGENT_STARTUP_TIMEOUT: "1" },
    });
    assert.equal(await exec.code(), 1);
    assert.equal(exec.printed, "");
  });

  test("is 1 where what would be served was revoked", async (t) => {
    const exec = await ExecAgent.start(t, ["echo", "ran"], { artifact: revocation() });
    assert.equal(await exec.code(), 1);
    assert.equal(exec.printed, "");
  });

  test("is 1 after a revocation, which stops the command by --stop-signal", async (t) => {
    const script = "trap 'echo by USR2; exit 0' USR2; echo ready; while :; do sleep 0.05; done";
    const exec = await ExecAgent.start(t, ["sh", "-c", script], {
      options: ["--stop-signal", "USR2"],
    });
    await exec.prints("ready");
    await exec.revoke();
    assert.equal(await exec.code(), 1);
    assert.match(exec.printed, /by USR2/);
    assert.equal((await exec.event("command.stopped"))["reason"], "revoked");
  });

  test("is 1 after a revocation, which kills what does not end in time", async (t) => {
    const exec = await ExecAgent.start(t, STUBBORN, { options: ["--stop-timeout", "1s"] });
    await exec.prints("ready one");
    const [, pid] = /ready one (\d+)/.exec(exec.printed) ?? [];
    await exec.revoke();
    assert.equal(await exec.code(), 1);
    assert.equal(await isAlive(Number(pid)), false);
  });

  test("is the command's where its secrets expired before it ended", async (t) => {
    const artifact = await pack({ ttlMs: 2_500 });
    const exec = await ExecAgent.start(t, ["sh", "-c", "echo ready; read line; exit 5"], {
      artifact,
    });
    await exec.prints("ready");
    await exec.event("artifact.expired");
    assert.equal(exec.agent.exit, undefined);
    exec.agent.child.stdin?.end("go\n");
    assert.equal(await exec.code(), 5);
  });
});
