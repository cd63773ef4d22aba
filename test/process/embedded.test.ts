import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { AGE_IDENTITY, pack, VERIFY_KEY } from "../support/artifacts.ts";
import { textOf } from "../support/docs-markdown.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const EXAMPLE = "examples/embedded.mjs";

test("the program of docs/embedding.md reads its secrets and ends", async (t) => {
  const directory = await temporaryDirectory(t);
  const artifact = join(directory, "api.age.json");
  const secrets = { app: { DB_URL: "postgres://db/app", API_KEY: "k-1" } };
  await writeFile(artifact, await pack({ secrets, identity: "api", signed: true }));
  const key = join(directory, "age.key");
  await writeFile(key, AGE_IDENTITY);

  const child = spawn(process.execPath, [EXAMPLE], {
    cwd: join(import.meta.dirname, "../.."),
    env: { SECRETS_URL: artifact, SECRETS_KEY_FILE: key, SECRETS_VERIFY_KEY: VERIFY_KEY },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  assert.equal(child.exitCode, 0, stderr);
  assert.equal(stdout, "connecting to postgres://db/app\nHTTP says 200\n");
});

test("docs/embedding.md shows that program", () => {
  assert.ok(textOf("docs/embedding.md").includes(`\`\`\`js\n${textOf(EXAMPLE)}\`\`\`\n`));
});
