import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseExec } from "../../../src/cli/exec-options.ts";
import { AgentError } from "../../../src/errors.ts";

const TRUE = ["--", "true"] as const;

function refusal(args: readonly string[], platform: NodeJS.Platform = "linux"): string {
  try {
    parseExec(args, platform);
  } catch (error) {
    assert.ok(error instanceof AgentError);
    assert.equal(error.code, "usage");
    return error.message;
  }
  return assert.fail(`${args.join(" ")} was taken`);
}

test("without options everything is handed over by its flat name, and a change restarts the command", () => {
  const expected: ReturnType<typeof parseExec> = {
    command: ["node", "server.js", "--", "-x"],
    choice: { namespaces: [], only: [], maps: [], shellNames: false },
    allowedNames: [],
    preserveEnv: false,
    clearEnv: false,
    onChange: { kind: "restart" },
    splayMs: 0,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 10_000,
    handsOver: true,
    api: true,
    attached: false,
  };
  assert.deepEqual(parseExec(["--", "node", "server.js", "--", "-x"], "linux"), expected);
});

test("options that can be repeated are taken together, each once", () => {
  const { choice, allowedNames } = parseExec(
    [
      ..."--namespace app --namespace=jobs --namespace app --only DB_*".split(" "),
      ..."--map app__a=b=A --map LOG=B --allow-name PAGER --shell-names".split(" "),
      ...TRUE,
    ],
    "linux",
  );
  assert.deepEqual(choice, {
    namespaces: ["app", "jobs"],
    only: ["DB_*"],
    // A name of a variable has no equals sign, one of a secret may.
    maps: [
      { name: "app__a=b", variable: "A" },
      { name: "LOG", variable: "B" },
    ],
    shellNames: true,
  });
  assert.deepEqual(allowedNames, ["PAGER"]);
});

test("signals go by their names, with SIG and without, in any case", () => {
  for (const name of ["SIGUSR1", "usr1", "USR1"]) {
    const settings = parseExec(["--on-change", `signal:${name}`, ...TRUE], "linux");
    assert.deepEqual(settings.onChange, { kind: "signal", signal: "SIGUSR1" });
    assert.equal(parseExec(["--stop-signal", name, ...TRUE], "linux").stopSignal, "SIGUSR1");
  }
});

test("durations are seconds, or have a unit", () => {
  const settings = parseExec(["--splay", "2m", "--stop-timeout", "0", ...TRUE], "linux");
  assert.deepEqual([settings.splayMs, settings.stopTimeoutMs], [120_000, 0]);
});

describe("it is wrong usage", () => {
  for (const [what, args, message] of [
    ["without two dashes", ["echo"], /^exec takes its command after two dashes/],
    ["with a word before the dashes", ["x", ...TRUE], /^exec takes its command after two dashes/],
    ["without a command", ["--"], /^exec needs a command/],
    ["with an option that there is not", ["--every", ...TRUE], /--every/],
    ["with an unknown signal", ["--stop-signal", "NONE", ...TRUE], /^--stop-signal names a signal/],
    ["with a duration that is none", ["--splay", "soon", ...TRUE], /^--splay must be a duration/],
    ["with another --on-change", ["--on-change", "reload", ...TRUE], /^--on-change must be/],
    ["with --on-change signal alone", ["--on-change", "signal", ...TRUE], /^--on-change names/],
    ["with half of a --map", ["--map", "NAME", ...TRUE], /^--map must be NAME=VARIABLE/],
  ] as const) {
    test(what, () => assert.match(refusal(args), message));
  }

  test("and no word of the command is repeated", () => {
    assert.doesNotMatch(refusal(["mysql", "-ps3cret"]), /s3cret|mysql/);
  });
});

describe("on Windows", () => {
  test("the command is ended at once, by either name for it", () => {
    for (const name of ["TERM", "KILL"] as const) {
      const settings = parseExec(["--stop-signal", name, ...TRUE], "win32");
      assert.equal(settings.stopSignal, `SIG${name}`);
    }
  });

  test("a signal for a change, and another to stop by, are refused, and it is said why", () => {
    assert.match(
      refusal(["--on-change", "signal:HUP", ...TRUE], "win32"),
      /^--on-change signal:NAME has no meaning on Windows, which has no signals to send;/,
    );
    assert.match(
      refusal(["--stop-signal", "HUP", ...TRUE], "win32"),
      /^--stop-signal can be SIGTERM or SIGKILL on Windows, which both end it at once;/,
    );
  });
});
