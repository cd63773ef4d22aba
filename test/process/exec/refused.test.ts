import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AGENT_COMMAND, type CommandLine } from "../../support/agent-process.ts";
import { ExecAgent, type ExecAgentOptions } from "../../support/exec/exec-agent.ts";

/** The stack of 4 MiB lets environment and arguments take 1 MiB (execve(2)). */
const SMALL_STACK: CommandLine = ["sh", "-c", 'ulimit -s 4096; exec "$@"', "sh", ...AGENT_COMMAND];

/** So many secrets of 100,000 bytes. */
function large(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`LARGE_${n}`, "x".repeat(100_000)]),
  );
}

interface Case extends ExecAgentOptions {
  readonly code: string;
  /** Whom the message names, and what it suggests. */
  readonly says: RegExp;
}

const CASES: Readonly<Record<string, Case>> = {
  "a dangerous name": {
    secrets: { NODE_OPTIONS: "--require=x" },
    code: "environment_name_refused",
    says: /"NODE_OPTIONS".*--map.*--allow-name NODE_OPTIONS/,
  },
  "one of the agent's names, which no option lets through": {
    secrets: { CLEF_AGENT_TOKEN: "x" },
    options: ["--allow-name", "CLEF_AGENT_TOKEN"],
    code: "environment_name_refused",
    says: /"CLEF_AGENT_TOKEN".*--map/,
  },
  "a name with a dash": {
    secrets: { "api-key": "x" },
    code: "environment_name_invalid",
    says: /"api-key".*--map api-key=NAME.*--shell-names/,
  },
  "a value with NUL": {
    secrets: { KEY: "a\0b" },
    code: "environment_value_invalid",
    says: /"KEY" holds a NUL byte.*--only/,
  },
  "128 KiB": {
    secrets: { KEY: "x".repeat(131_068) },
    code: "environment_too_large",
    says: /"KEY" takes 131072 bytes/,
  },
  "more than the system takes": {
    secrets: { ...large(10), LARGEST: "x".repeat(120_000) },
    commandLine: SMALL_STACK,
    code: "environment_too_large",
    says: /the system takes 1048576; the largest of 11 secrets: "LARGEST" \(120000 bytes\)/,
  },
  "one name for two": {
    secrets: { a: { K: "1" }, b: { K: "2" } },
    options: ["--namespace", "a", "--namespace", "b"],
    code: "environment_name_conflict",
    says: /"a__K" and "b__K" would both be set as "K"/,
  },
  "a --map of nothing": {
    secrets: { KEY: "x" },
    options: ["--map", "KEZ=K"],
    code: "secret_not_found",
    says: /--map names "KEZ"/,
  },
};

describe(
  "what cannot be handed over ends the start by name, and nothing is run",
  {
    concurrency: 3,
  },
  () => {
    for (const [what, { code, says, ...options }] of Object.entries(CASES)) {
      test(what, async (t) => {
        const exec = await ExecAgent.start(t, ["echo", "ran"], options);
        assert.equal(await exec.code(), 1);
        assert.equal(exec.printed, "");
        const line = exec.log.find((each) => each["code"] === code);
        assert.match(String(line?.["message"]), says, exec.agent.stderr);
        assert.doesNotMatch(exec.agent.stderr, /E2BIG/);
      });
    }
  },
);

test("just below what the system takes as a whole, and just below 128 KiB, the command runs", async (t) => {
  const secrets = { ...large(9), LIMIT: "x".repeat(131_072 - "LIMIT=".length - 1) };
  const exec = await ExecAgent.start(t, ["sh", "-c", 'echo "${#LIMIT} ${#LARGE_8}"'], {
    secrets,
    commandLine: SMALL_STACK,
  });
  assert.equal(await exec.code(), 0, exec.agent.stderr);
  assert.equal(exec.printed, "131065 100000\n");
});

test("with --no-env, what no environment could hold is nobody's trouble", async (t) => {
  const exec = await ExecAgent.start(t, ["echo", "ran"], {
    secrets: { "api-key": "a\0b", PATH: "/tmp" },
    options: ["--no-env"],
  });
  assert.equal(await exec.code(), 0, exec.agent.stderr);
  assert.equal(exec.printed, "ran\n");
});
