import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { Engine, whyNoDocker } from "../support/containers/engine.ts";
import { made } from "../support/files.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const skip = whyNoDocker() ?? false;

/** What `docker run --env-file` would give a container of what the agent writes for these secrets. */
async function environmentOf(
  context: TestContext,
  engine: Engine,
  secrets: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const folder = await temporaryDirectory(context);
  const file = join(folder, "secrets.env");
  writeFileSync(file, made(secrets, "dotenv")["secrets.env"] ?? "");
  const empty = spawnSync("tar", ["-cf", join(folder, "empty.tar"), "-T", "/dev/null"]);
  assert.equal(empty.status, 0);
  const image = engine.does("import", join(folder, "empty.tar"));
  const container = engine.does("create", "--network", "none", "--env-file", file, image, "/none");
  return JSON.parse(engine.inspect(container, "json .Config.Env")) as string[];
}

describe("docker run --env-file", { skip }, () => {
  test("takes secrets.env word by word: the quotes become part of the value, and a second line a name", async (context) => {
    const engine = await Engine.start(context);
    const given = await environmentOf(context, engine, { A: "plain", B: "$x #y" });
    assert.deepEqual(
      given.filter((variable) => /^[AB]=/.test(variable)),
      ["A='plain'", "B='$x #y'"],
    );
    const lines = await environmentOf(context, engine, { A: "one\nTWO=2" });
    assert.ok(lines.includes("A='one") && lines.includes("TWO=2'"), lines.join());
  });
});
