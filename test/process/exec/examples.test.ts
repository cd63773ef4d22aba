import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, test } from "node:test";
import { AGE_IDENTITY, pack, VERIFY_KEY } from "../../support/artifacts.ts";
import { EXAMPLES } from "../../support/exec/examples.ts";
import { ExecAgent } from "../../support/exec/exec-agent.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** An application that is called as the examples call it, and ends cleanly. */
const SERVER = `
  process.on("SIGTERM", () => process.exit(0));
  setInterval(() => undefined, 1000);
  const own = Object.keys(process.env).filter((name) => /KEY|SOURCE|IDENTITY/.test(name));
  console.log("ready " + process.env.DB_URL + " " + own.join());
`;

describe("an example of deploy/exec", { concurrency: 3 }, () => {
  for (const { file, entry, command, env } of EXAMPLES) {
    test(`${file} runs the application with its secrets, and ends with it`, async (t) => {
      const directory = await temporaryDirectory(t);
      await mkdir(join(directory, "app"));
      await writeFile(join(directory, "app", "server.js"), SERVER);
      await writeFile(join(directory, "age.key"), AGE_IDENTITY, { mode: 0o600 });
      const [program = "", subcommand, ...options] = entry;
      assert.deepEqual(
        [basename(program), subcommand, options.pop()],
        ["clef-agent", "exec", "--"],
      );
      assert.equal(command.length, 2);
      const exec = await ExecAgent.start(
        t,
        [process.execPath, join(directory, "app", "server.js")],
        {
          artifact: await pack({
            secrets: { api: { DB_URL: "postgres://db" }, other: { DB_URL: "not this" } },
            identity: "api",
            signed: true,
          }),
          options,
          env: {
            ...Object.fromEntries(
              Object.entries(env).filter(([name]) => name !== "CLEF_AGENT_SOURCE"),
            ),
            // What belongs to this machine and this test.
            CLEF_AGENT_AGE_KEY: undefined,
            CLEF_AGENT_TOKEN: undefined,
            CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
            CLEF_AGENT_AGE_KEY_FILE: join(directory, "age.key"),
          },
        },
      );
      await exec.prints("ready postgres://db \n");
      exec.agent.child.kill("SIGTERM");
      assert.equal(await exec.code(), 0);
    });
  }
});
