import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { AGENT_COMMAND } from "../../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../../support/artifacts.ts";
import { endAllWith } from "../../support/exec/processes.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const TYPIST = fileURLToPath(new URL("../../support/exec/terminal.py", import.meta.url));
const missing = ["python3", "bash", "less"].find(
  (name) => spawnSync(name, ["--version"]).status !== 0,
);
const skip = missing !== undefined && `${missing} is missing`;

const PROMPT = "bash-[0-9.]+[#$] ";

type Steps = readonly (readonly [waitFor: string, keys: string])[];

/** Plays the steps in a shell on a terminal, where `$EXEC` runs a command under `exec`. */
async function play(t: TestContext, steps: Steps): Promise<void> {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, "artifact.json"), await pack({ secrets: { KEY: "one" } }));
  await writeFile(join(directory, "steps.json"), JSON.stringify(steps));
  const child = spawn("python3", [TYPIST, join(directory, "steps.json")], {
    env: {
      PATH: process.env["PATH"],
      TERM: "xterm",
      DIRECTORY: directory,
      CLEF_AGENT_SOURCE: join(directory, "artifact.json"),
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
      EXEC: [...AGENT_COMMAND, "exec", "--"].join(" "),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => endAllWith(`DIRECTORY=${directory}`));
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.equal(code, 0, output);
}

test("Ctrl-C reaches the command once, which may go on", { skip }, (t) =>
  play(t, [
    [
      PROMPT,
      `$EXEC python3 -uc 'import signal,time\nsignal.signal(2, lambda *_: print("got", "INT"))\nprint("rea"+"dy")\nwhile True: time.sleep(9)'\n`,
    ],
    ["ready", "\x03"],
    ["got INT", "\x03"],
    // Twice by now, and not four times.
    ["got INT", "\x1c"],
    [PROMPT, "echo code $?\n"],
    ["code 131", "exit\n"],
  ]),
);

// No shell script: dash loses a Ctrl-C that comes while it forks, without the agent too (24 of 100 on a busy machine).
test("Ctrl-C ends a command that does not take it, with 130", { skip }, (t) =>
  play(t, [
    [
      PROMPT,
      `$EXEC python3 -uc 'import signal\nsignal.signal(2, signal.SIG_DFL)\nprint("rea"+"dy")\nsignal.pause()'\n`,
    ],
    ["ready", "\x03"],
    [PROMPT, "echo code $?\n"],
    ["code 130", "exit\n"],
  ]),
);

test("a change of the window reaches the command once", { skip }, (t) =>
  play(t, [
    [
      PROMPT,
      `$EXEC python3 -uc 'import os,signal,time\nsignal.signal(signal.SIGWINCH, lambda *_: print("resi"+"zed"))\nos.system("stty rows 31 cols 97")\ntime.sleep(0.5)\nprint("done")'\n`,
    ],
    // Once: the word stands nowhere else between what was typed and the end.
    [`print\\("done"\\)'[^z]*resized\\s+done`, ""],
    [PROMPT, "echo code $?\n"],
    ["code 0", "exit\n"],
  ]),
);

test("Ctrl-Z stops both, and fg goes on with both", { skip }, (t) =>
  play(t, [
    [PROMPT, `$EXEC sh -c 'echo rea""dy; read line; echo "read $line"'\n`],
    ["ready", "\x1a"],
    // bash waits for the agent to be stopped and not for its child, whose read takes one more key if one comes before
    // it is. That is the blank then, which neither bash nor `read` minds.
    [`Stopped[^\\n]*\\n[^\\n]*${PROMPT}`, " fg\n"],
    ["EXEC sh[^\\n]*\\n", "typed\n"],
    ["read typed", ""],
    [PROMPT, "echo code $?\n"],
    ["code 0", "exit\n"],
  ]),
);

test("a full-screen program takes keys and gives the terminal back", { skip }, (t) =>
  play(t, [
    [PROMPT, "$EXEC less /etc/passwd\n"],
    ["root:", "G"],
    ["END", "q"],
    [PROMPT, "echo code $?\n"],
    ["code 0", "exit\n"],
  ]),
);

test("a password prompt shows nothing of what is typed", { skip }, (t) =>
  play(t, [
    [
      PROMPT,
      `$EXEC python3 -c 'import getpass; print("len", len(getpass.getpass("Pass" + "word: ")))'\n`,
    ],
    ["Password: ", "hidden\n"],
    ["^[^h]*len 6", ""],
    [PROMPT, "exit\n"],
  ]),
);
