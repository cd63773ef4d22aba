import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { AGENT_COMMAND, type CommandLine } from "../../support/agent-process.ts";
import { ExecAgent } from "../../support/exec/exec-agent.ts";

/** A process namespace of its own, as a container has; what is run in it is process 1 there. */
const CONTAINED = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"] as const;
const [unshare, ...options] = CONTAINED;
const skip =
  spawnSync(unshare, [...options, "true"]).status !== 0 && "no process namespace can be made here";
const AS_PROCESS_ONE: CommandLine = [...CONTAINED, ...AGENT_COMMAND];
/** As with `docker run --init`: a small process 1, and the agent below it. */
const BELOW_AN_INIT: CommandLine = [
  ...CONTAINED,
  "sh",
  "-c",
  '"$@" & wait $!',
  "sh",
  ...AGENT_COMMAND,
];

/** Leaves an orphan that ends, and says in which state that is then. */
const LEAVING_AN_ORPHAN = [
  "sh",
  "-c",
  `(sh -c 'echo $$ > "$DIRECTORY/orphan"; exec sleep 0.1' &)
   sleep 0.5; orphan=$(cat "$DIRECTORY/orphan")
   grep State "/proc/$orphan/status" 2>/dev/null || echo reaped
   exit 5`,
] as const;

test(
  "as process 1 the agent ends with the command's code, does not reap others' orphans, and says so once",
  {
    skip,
  },
  async (t) => {
    const exec = await ExecAgent.start(t, LEAVING_AN_ORPHAN, { commandLine: AS_PROCESS_ONE });
    assert.equal(await exec.code(), 5, exec.agent.stderr);
    assert.match(exec.printed, /State:\tZ/);
    const told = exec.log.filter(({ message }) => String(message).includes("process 1"));
    assert.equal(told.length, 1);
    assert.match(String(told[0]?.["message"]), /--init.*shareProcessNamespace/);
  },
);

test("below an init orphans are reaped, and the agent says nothing", { skip }, async (t) => {
  const exec = await ExecAgent.start(t, LEAVING_AN_ORPHAN, { commandLine: BELOW_AN_INIT });
  assert.equal(await exec.code(), 5, exec.agent.stderr);
  assert.equal(exec.printed, "reaped\n");
  assert.ok(!exec.log.some(({ message }) => String(message).includes("process 1")));
});
