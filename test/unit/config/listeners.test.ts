import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { SOCKET_PATH_MAX_BYTES } from "../../../src/limits.ts";
import { configError, configErrors, configured } from "../../support/config.ts";

const PATH = "/run/clef/agent.sock";

describe("where the API is served", () => {
  test("is a port alone, unless a socket is named", async () => {
    const { port, socket } = await configured();
    assert.deepEqual([port, socket], [7779, undefined]);
  });

  test("is both where a socket is named, and the socket alone without a port", async () => {
    const both = await configured({ CLEF_AGENT_SOCKET: PATH });
    assert.deepEqual([both.port, both.socket], [7779, { path: PATH, mode: 0o600 }]);
    const alone = await configured({ CLEF_AGENT_SOCKET: PATH, CLEF_AGENT_PORT: "none" });
    assert.deepEqual([alone.port, alone.socket?.path], [undefined, PATH]);
  });

  test("cannot be nowhere", async () => {
    assert.match(
      await configError({ CLEF_AGENT_PORT: "none" }),
      /^config_missing: CLEF_AGENT_PORT is none and CLEF_AGENT_SOCKET is not set/,
    );
  });

  test("needs no token for a socket alone", async () => {
    const warnings = async (env: Readonly<Record<string, string>>): Promise<string> =>
      (await configured(env)).warnings.join("\n");
    assert.match(await warnings({ CLEF_AGENT_SOCKET: PATH }), /no token is configured/);
    assert.doesNotMatch(
      await warnings({ CLEF_AGENT_SOCKET: PATH, CLEF_AGENT_PORT: "none" }),
      /no token is configured/,
    );
  });
});

describe("the path of a socket", () => {
  test("may be relative to where the agent is started", async () => {
    const { socket } = await configured({ CLEF_AGENT_SOCKET: "agent.sock" });
    assert.equal(socket?.path, resolve("agent.sock"));
  });

  test("is as long as the system takes, in bytes", async () => {
    const longest = `/${"x".repeat(SOCKET_PATH_MAX_BYTES - 1)}`;
    assert.equal((await configured({ CLEF_AGENT_SOCKET: longest })).socket?.path, longest);
    for (const path of [`${longest}x`, `/${"é".repeat(54)}`]) {
      assert.match(
        await configError({ CLEF_AGENT_SOCKET: path }),
        /^config_invalid: CLEF_AGENT_SOCKET is longer than 107 bytes/,
      );
    }
  });
});

describe("the mode of a socket", () => {
  for (const [text, mode] of [
    ["0600", 0o600],
    ["600", 0o600],
    ["0660", 0o660],
    ["0770", 0o770],
  ] as const) {
    test(`may be ${text}`, async () => {
      const env = { CLEF_AGENT_SOCKET: PATH, CLEF_AGENT_SOCKET_MODE: text };
      assert.equal((await configured(env)).socket?.mode, mode);
    });
  }
  for (const text of [
    "0666",
    "0602",
    "0601",
    "0604",
    "0060",
    "0400",
    "1660",
    "0o660",
    "u=rw",
    "66",
  ]) {
    test(`is not ${text}`, async () => {
      assert.match(
        await configError({ CLEF_AGENT_SOCKET: PATH, CLEF_AGENT_SOCKET_MODE: text }),
        /^config_invalid: CLEF_AGENT_SOCKET_MODE must be an octal mode/,
      );
    });
  }

  test("needs a socket", async () => {
    assert.match(
      await configError({ CLEF_AGENT_SOCKET_MODE: "0600" }),
      /^config_missing: CLEF_AGENT_SOCKET_MODE without CLEF_AGENT_SOCKET/,
    );
    assert.equal(
      (await configErrors({ CLEF_AGENT_SOCKET_MODE: "0666", CLEF_AGENT_PORT: "none" })).length,
      3,
    );
  });
});
