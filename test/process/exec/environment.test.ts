import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { AGENT_COMMAND, type CommandLine } from "../../support/agent-process.ts";
import { freePort } from "../../../scripts/free-port.ts";
import { SHELL_SCRIPT } from "../../support/exec/commands.ts";
import { ExecAgent, type ExecAgentOptions } from "../../support/exec/exec-agent.ts";
import { listeningPorts } from "../../support/exec/listening.ts";
import { rememberSecret } from "../../support/known-secrets.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** Runs `env` under `exec`. @returns what the environment of the command was. */
async function environment(
  t: TestContext,
  options: ExecAgentOptions = {},
): Promise<Readonly<Record<string, string>>> {
  const exec = await ExecAgent.start(t, ["env", "-0"], options);
  assert.equal(await exec.code(), 0, exec.agent.stderr);
  const entries = exec.printed
    .split("\0")
    .filter((line) => line !== "")
    .map((line): [string, string] => [
      line.split("=", 1)[0] ?? "",
      line.slice(line.indexOf("=") + 1),
    ]);
  return Object.fromEntries(entries);
}

const NESTED = { LOG: "plain", app: { DB_URL: "a", "api-key": "b" }, CLEF_TELEMETRY_TOKEN: "t" };

describe("the environment of the command", { concurrency: 3 }, () => {
  test("has the secrets, an address and a token, and nothing that the agent was configured by", async (t) => {
    const env = await environment(t, {
      secrets: { LOG: "lines\nand 'quotes'", app: { DB_URL: "a" }, CLEF_TELEMETRY_TOKEN: "t" },
      env: { CLEF_SIGNING_KEY: "never", OTHER: "stays" },
    });
    assert.equal(env["LOG"], "lines\nand 'quotes'");
    assert.equal(env["app__DB_URL"], "a");
    assert.equal(env["OTHER"], "stays");
    const own = Object.keys(env).filter((name) => name.startsWith("CLEF_"));
    assert.deepEqual(own.toSorted(), ["CLEF_AGENT_TOKEN", "CLEF_AGENT_URL"]);
  });

  test("has what --namespace, --shell-names, --only and --map choose", async (t) => {
    const env = await environment(t, {
      secrets: NESTED,
      options: ["--namespace", "app", "--shell-names", "--only", "API_*", "--map", "LOG=MY_LOG"],
    });
    assert.equal(env["API_KEY"], "b");
    assert.equal(env["MY_LOG"], "plain");
    assert.deepEqual([env["DB_URL"], env["LOG"]], [undefined, undefined]);
  });

  test("has a dangerous name that --allow-name lets through", async (t) => {
    const env = await environment(t, {
      secrets: { PAGER: "cat", EDITOR: "vi" },
      options: ["--allow-name", "PAGER", "--allow-name", "EDITOR"],
    });
    assert.deepEqual([env["PAGER"], env["EDITOR"]], ["cat", "vi"]);
  });

  test("has the secret where a variable was set, and the variable with --preserve-env", async (t) => {
    const given = { secrets: { KEY: "secret" }, env: { KEY: "variable" } };
    assert.equal((await environment(t, given))["KEY"], "secret");
    const preserved = await environment(t, { ...given, options: ["--preserve-env"] });
    assert.equal(preserved["KEY"], "variable");
  });

  test("has with --clear-env --no-api little more than the secrets", async (t) => {
    const env = await environment(t, {
      env: { OTHER: "goes", HOME: "/home/x", LC_ALL: "C" },
      options: ["--clear-env", "--no-api"],
    });
    assert.deepEqual(Object.keys(env).toSorted(), ["HOME", "KEY", "LC_ALL", "PATH"]);
  });

  test("has ten thousand secrets", async (t) => {
    const secrets = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, n) => [`KEY_${n}`, `v${n}`]),
    );
    assert.equal((await environment(t, { secrets }))["KEY_9999"], "v9999");
  });

  test("has the port of CLEF_AGENT_PORT where that is set, and the token of the file", async (t) => {
    const port = String(await freePort());
    const file = join(await temporaryDirectory(t), "token");
    const token = rememberSecret("a-token-in-a-file-0123456789");
    await writeFile(file, `${token}\n`, { mode: 0o600 });
    const env = await environment(t, {
      env: {
        CLEF_AGENT_PORT: port,
        CLEF_AGENT_TOKEN: undefined,
        CLEF_AGENT_TOKEN_FILE: file,
      },
    });
    assert.equal(env["CLEF_AGENT_URL"], `http://127.0.0.1:${port}`);
    assert.equal(env["CLEF_AGENT_TOKEN"], token);
    assert.equal(env["CLEF_AGENT_TOKEN_FILE"], undefined);
  });
});

/** Runs the agent with descriptors that whoever starts it left open, some of them far from the others. */
const CARELESS: CommandLine = [
  "python3",
  "-c",
  `import os, sys
opened = os.open("/dev/null", os.O_RDONLY)
for number in (9, 40, 200): os.dup2(opened, number)
os.execvp(sys.argv[1], sys.argv[1:])`,
  ...AGENT_COMMAND,
];

test("no descriptor above standard error is passed on, also of those that the agent was given", async (t) => {
  const exec = await ExecAgent.start(t, ["sh", "-c", "ls /proc/$$/fd"], { commandLine: CARELESS });
  assert.equal(await exec.code(), 0);
  assert.deepEqual(exec.printed.trim().split("\n"), ["0", "1", "2"]);
});

test("with --no-api there is no port, not even for probes, which the log says", async (t) => {
  const probes = { CLEF_AGENT_PROBE_LISTEN: "127.0.0.1:0" };
  const [exec, served] = await Promise.all([
    ExecAgent.start(t, SHELL_SCRIPT, { options: ["--no-api"], env: probes }),
    ExecAgent.start(t, SHELL_SCRIPT, { env: probes }),
  ]);
  await exec.prints("ready one");
  assert.deepEqual(await listeningPorts(exec.pid), []);
  await exec.logged("the warning", ({ message }) =>
    String(message).startsWith("CLEF_AGENT_PROBE_LISTEN is passed over"),
  );
  await served.prints("ready one");
  assert.equal((await listeningPorts(served.pid)).length, 2);
});

test("the command reaches the agent with what it was given, and can read what was not chosen for it", async (t) => {
  const program = `const { CLEF_AGENT_URL: url, CLEF_AGENT_TOKEN: token, OTHER } = process.env;
    const headers = { authorization: "Bearer " + token };
    fetch(url + "/v1/secrets/OTHER", { headers }).then((r) => r.text()).then((t) => console.log(OTHER, t));`;
  const exec = await ExecAgent.start(t, [process.execPath, "-e", program], {
    secrets: { KEY: "one", OTHER: "two" },
    options: ["--only", "KEY"],
  });
  assert.equal(await exec.code(), 0);
  assert.equal(exec.printed, 'undefined {"value":"two"}\n');
});

test("the command reaches the agent by its socket, where that is what it listens on", async (t) => {
  const socket = join(await temporaryDirectory(t), "agent.sock");
  const exec = await ExecAgent.start(
    t,
    [
      process.execPath,
      "-e",
      `const { CLEF_AGENT_URL, CLEF_AGENT_SOCKET: socketPath } = process.env;
       require("node:http").get({ socketPath, path: "/v1/secrets/KEY" }, async (answer) => {
         console.log(CLEF_AGENT_URL, (await answer.toArray()).join(""));
       });`,
    ],
    { env: { CLEF_AGENT_SOCKET: socket, CLEF_AGENT_PORT: "none" } },
  );
  assert.equal(await exec.code(), 0);
  assert.equal(exec.printed, 'undefined {"value":"one"}\n');
});

test("the command can be an agent itself, which takes no notice of the address", async (t) => {
  const exec = await ExecAgent.start(t, [...AGENT_COMMAND, "run"]);
  assert.equal(await exec.code(), 1);
  assert.match(exec.agent.stderr, /config_missing/);
  assert.doesNotMatch(exec.agent.stderr, /config_unknown_variable/);
});
