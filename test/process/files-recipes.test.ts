import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { parseConfig } from "../../src/config/parse-config.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { visible } from "../support/files.ts";
import { type FilesPlace, filesPlace } from "../support/files-place.ts";
import {
  CONFIGURED,
  EXAMPLE,
  pathsInRecipes,
  RECIPE_DIRECTORY,
  variablesIn,
} from "../support/recipes.ts";

const SECRETS = JSON.parse(readFileSync(join(EXAMPLE, "secrets.json"), "utf8")) as {
  readonly db: Readonly<Record<string, string>>;
};

/** The example's files, as `files --once` writes them. */
async function written(context: TestContext, secrets: unknown = SECRETS): Promise<FilesPlace> {
  const at = await filesPlace(context);
  at.put(await pack({ secrets }));
  const env = { ...at.env, CLEF_AGENT_FILES_TEMPLATES: join(EXAMPLE, "templates") };
  const agent = AgentProcess.start(context, env, ["files", "--once"]);
  assert.equal((await agent.ended()).code, 0, agent.stderr);
  return at;
}

describe("the recipes of docs/files.md", () => {
  for (const file of CONFIGURED) {
    test(`configure an agent that writes files, and needs no warning: ${file}`, async () => {
      const config = await parseConfig(
        { CLEF_AGENT_AGE_KEY: AGE_IDENTITY, ...variablesIn(file), CLEF_AGENT_AGE_KEY_FILE: "" },
        () => AGE_IDENTITY,
      );
      assert.ok([RECIPE_DIRECTORY, "/dev/shm"].includes(config.files?.directory ?? ""));
      assert.equal(config.files?.onDisk, "refuse");
      assert.deepEqual(config.warnings, []);
    });
  }

  test("lead every program to a file that there is", async (context) => {
    const at = await written(context);
    const paths = pathsInRecipes();
    assert.ok(paths.length >= 5, paths.join());
    for (const path of paths) assert.ok(existsSync(join(at.directory, path)), path);
    // What Spring Boot makes property names of.
    assert.equal(visible(at.directory)["spring/datasource.password"], "example only");
    const url = new URL(visible(at.directory)["database-url"]?.trim() ?? "");
    assert.equal(decodeURIComponent(url.password), SECRETS.db["PASSWORD"]);
  });
});

const noPsql = spawnSync("psql", ["--version"]).status !== 0 && "psql is not here";

test(
  "psql finds server, user and password in pg_service.conf, whatever is in the password",
  { skip: noPsql },
  async (context) => {
    const given: Buffer[] = [];
    // As much of a server as asks for a password (PostgreSQL, Frontend/Backend Protocol, "Start-up").
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (bytes: Buffer) => {
        const isTlsWish = bytes.length === 8 && bytes.readUInt32BE(4) === 80_877_103;
        if (isTlsWish) {
          socket.write("N");
          return;
        }
        given.push(bytes);
        if (given.length === 1) socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
        else socket.end();
      });
    }).listen(0, "127.0.0.1");
    context.after(() => server.close());
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const password = String.raw`a: b\ 'c' "d" #e $f ü`;
    const db = { ...SECRETS.db, HOST: "127.0.0.1", PORT: String(address.port), PASSWORD: password };
    const at = await written(context, { ...SECRETS, db });
    const psql = spawn("psql", ["--no-psqlrc", "--no-password", "-c", "select 1", "service=app"], {
      env: {
        PATH: process.env["PATH"],
        PGSERVICEFILE: join(at.directory, "pg_service.conf"),
        PGGSSENCMODE: "disable",
      },
      stdio: "ignore",
    });
    context.after(() => psql.kill("SIGKILL"));
    await once(psql, "exit");
    const [startUp, answer] = given;
    assert.match(String(startUp), /user\0app\0database\0app\0/);
    assert.equal(answer?.toString("utf8", 5), `${password}\0`);
  },
);
