import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { AGENT_COMMAND, AgentProcess, httpRequest } from "../../support/agent-process.ts";
import { pack, revocation } from "../../support/artifacts.ts";
import { clef } from "../../support/cli.ts";
import { ExecAgent, type ExecAgentOptions } from "../../support/exec/exec-agent.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import type { TestContext } from "node:test";

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

describe("the environment of the command", () => {
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
});

test("the command can be an agent itself, which takes no notice of the address", async (t) => {
  const exec = await ExecAgent.start(t, [...AGENT_COMMAND, "run"]);
  assert.equal(await exec.code(), 1);
  assert.match(exec.agent.stderr, /config_missing/);
  assert.doesNotMatch(exec.agent.stderr, /config_unknown_variable/);
});

test("the command reaches the agent with what it was given", async (t) => {
  const exec = await ExecAgent.start(t, [
    process.execPath,
    "-e",
    `const { CLEF_AGENT_URL: url, CLEF_AGENT_TOKEN: token } = process.env;
     const headers = { authorization: "Bearer " + token };
     fetch(url + "/v1/secrets/KEY", { headers }).then((r) => r.text()).then(console.log);`,
  ]);
  assert.equal(await exec.code(), 0);
  assert.equal(exec.printed, '{"value":"one"}\n');
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

describe("what cannot be handed over ends the start by name, and nothing is run", () => {
  for (const [what, secrets, code, options] of [
    ["a dangerous name", { NODE_OPTIONS: "--require=x" }, "environment_name_refused", []],
    ["one of the agent's names", { CLEF_AGENT_TOKEN: "x" }, "environment_name_refused", []],
    ["a name with a dash", { "a-b": "x" }, "environment_name_invalid", []],
    ["a value with NUL", { KEY: "a\0b" }, "environment_value_invalid", []],
    ["128 KiB", { KEY: "x".repeat(131_068) }, "environment_too_large", []],
    [
      "more than the system takes",
      Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`K${n}`, "x".repeat(100_000)])),
      "environment_too_large",
      [],
    ],
    [
      "one name for two",
      { a: { K: "1" }, b: { K: "2" } },
      "environment_name_conflict",
      ["--namespace", "a", "--namespace", "b"],
    ],
    ["a --map of nothing", { KEY: "x" }, "secret_not_found", ["--map", "KEZ=K"]],
  ] as const) {
    test(what, async (t) => {
      const exec = await ExecAgent.start(t, ["echo", "ran"], { secrets, options });
      assert.equal(await exec.code(), 1);
      assert.equal(exec.printed, "");
      assert.ok(
        exec.log.some((line) => line["code"] === code),
        exec.agent.stderr,
      );
    });
  }
});

describe("the exit code", () => {
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

  test("is 1 after a revocation, which stops the command", async (t) => {
    const exec = await ExecAgent.start(t, [
      "sh",
      "-c",
      "trap 'exit 0' TERM; echo ready; while :; do sleep 0.05; done",
    ]);
    await exec.prints("ready");
    await exec.revoke();
    assert.equal(await exec.code(), 1);
    assert.equal((await exec.event("command.stopped"))["reason"], "revoked");
  });
});

test("expired secrets do not stop the command", async (t) => {
  const artifact = await pack({ ttlMs: 1_500 });
  const exec = await ExecAgent.start(t, ["sh", "-c", "sleep 3; exit 5"], { artifact });
  await exec.event("artifact.expired");
  assert.equal(await exec.code(), 5);
});

test("what the command prints arrives whole, however much it is, and the log beside it", async (t) => {
  const exec = await ExecAgent.start(t, [
    "sh",
    "-c",
    "head -c 20000000 /dev/zero | tr '\\\\0' x; echo end; echo err >&2",
  ]);
  assert.equal(await exec.code(), 0);
  assert.equal(exec.printed.length, 20_000_004);
});

for (const [what, args] of [
  ["without two dashes", ["exec", "echo"]],
  ["without a command", ["exec", "--"]],
  ["with an unknown signal", ["exec", "--stop-signal", "SIGNONE", "--", "true"]],
  ["with a duration that is none", ["exec", "--splay", "soon", "--", "true"]],
  ["with another --on-change", ["exec", "--on-change", "reload", "--", "true"]],
] as const) {
  test(`exec ${what} is wrong usage`, async () => {
    const { code, stderr } = await clef(args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /\[usage\]\n$/);
  });
}

test("--help after the two dashes is the command's", async (t) => {
  const exec = await ExecAgent.start(t, ["sh", "-c", 'echo "$1"', "sh", "--help"]);
  assert.equal(await exec.code(), 0);
  assert.equal(exec.printed, "--help\n");
});

test("SIGTERM before the command runs ends the agent with 143", async (t) => {
  const server = createServer(() => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const agent = AgentProcess.start(
    t,
    { CLEF_AGENT_SOURCE: `http://127.0.0.1:${port}/`, CLEF_AGENT_LOG_LEVEL: "info" },
    ["exec", "--", "echo", "ran"],
  );
  assert.equal((await httpRequest(await agent.port(), "/v1/health", {})).status, 200);
  agent.child.kill("SIGTERM");
  assert.deepEqual(await agent.ended(), { code: 143, signal: null });
  assert.equal(agent.stdout, "");
});
