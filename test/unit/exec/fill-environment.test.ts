import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ClientError, type Secrets } from "../../../src/client/index.ts";
import { fillEnvironment } from "../../../src/exec/fill-environment.ts";

const serving = (secrets: Secrets): Parameters<typeof fillEnvironment>[2] => ({
  ready: () => Promise.resolve(),
  getAll: () => Promise.resolve(secrets),
});

describe("the loader of an environment", () => {
  test("sets all secrets, over what is set already, and none of the agent's telemetry", async () => {
    const env = { OLD: "stays", KEY: "old" };
    const secrets = {
      KEY: "new",
      app__DB: "db",
      CLEF_TELEMETRY_TOKEN: "t",
      app__CLEF_TELEMETRY_HEADERS: "t",
    };
    assert.deepEqual(await fillEnvironment(env, "linux", serving(secrets)), []);
    assert.deepEqual(env, { OLD: "stays", KEY: "new", app__DB: "db" });
  });

  for (const [name, why] of [
    ["NODE_OPTIONS", /load or run/],
    ["LD_PRELOAD", /load or run/],
    ["CLEF_AGENT_TOKEN", /are the agent's/],
    ["app__api-key", /no name/],
    ["", /no name/],
  ] as const) {
    test(`sets nothing where one is called "${name}"`, async () => {
      const env = {};
      const secrets = { KEY: "in-clear", [name]: "in-clear" };
      const problems = await fillEnvironment(env, "linux", serving(secrets));
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", why);
      assert.doesNotMatch(problems[0] ?? "", /in-clear/);
      assert.deepEqual(env, {});
    });
  }

  test("refuses a value that no environment holds, and on Windows names that differ in case alone", async () => {
    const values = serving({ NUL: "a\0b", HALF: "\ud800" });
    assert.equal((await fillEnvironment({}, "linux", values)).length, 2);
    const names = serving({ Key: "1", KEY: "2" });
    assert.equal((await fillEnvironment({}, "win32", names)).length, 1);
    assert.equal((await fillEnvironment({}, "linux", names)).length, 0);
  });

  test("sets nothing where the agent gives nothing", async () => {
    const env = {};
    const none = {
      ready: () => Promise.reject(new ClientError("revoked", "it was revoked")),
      getAll: () => Promise.resolve({ KEY: "x" }),
    };
    await assert.rejects(fillEnvironment(env, "linux", none), { code: "revoked" });
    assert.deepEqual(env, {});
  });
});
