import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { AgentProcess, TOKEN } from "./agent-process.ts";
import { AGE_IDENTITY, pack } from "./artifacts.ts";
import { ROOT, schemathesis } from "./interop.ts";
import { OPENAPI_FILE } from "./openapi.ts";
import { temporaryDirectory } from "./temporary.ts";

const command = schemathesis();
export const noSchemathesis: string | false =
  command === undefined && "schemathesis is missing: .ci/install-interop";

/** What the examples of the description ask for. */
const SECRETS = { app: { DB_URL: "postgres://db/app" }, other: { DB_URL: "x" }, LOG_LEVEL: "info" };

/** How many examples are asked for of each operation, and how many there must be in all. */
export interface Examples {
  /** Operations without parameters need fewer to try all there is. */
  readonly each: number;
  readonly atLeast: number;
}

/** Tries the built agent, with this TTL, with made-up requests of `docs/openapi.yaml`, and finds nothing. */
export async function tryWithSchemathesis(
  t: TestContext,
  ttl: string,
  examples: Examples,
): Promise<void> {
  const directory = await temporaryDirectory(t);
  const file = join(directory, "artifact.json");
  await writeFile(file, await pack({ secrets: SECRETS }));
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: file,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_CACHE_TTL: ttl,
  });
  await agent.ready();
  // Nobody waits a minute for each example that happens to say so.
  const described = (await readFile(join(ROOT, OPENAPI_FILE), "utf8")).replaceAll(
    "wait=60",
    "wait=0",
  );
  await writeFile(join(directory, "openapi.yaml"), described);
  const options = {
    "--url": `http://127.0.0.1:${await agent.port()}`,
    "--header": `Authorization: Bearer ${TOKEN}`,
    // It is on another listener.
    "--exclude-path": "/metrics",
    "--max-examples": String(examples.each),
    "--request-timeout": "20",
    "--generation-database": "none",
  };
  const child = spawn(
    command ?? "",
    ["run", "openapi.yaml", "--no-color", ...Object.entries(options).flat()],
    { cwd: directory, stdio: ["ignore", "pipe", "pipe"] },
  );
  t.after(() => child.kill("SIGKILL"));
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise((resolve) => child.once("close", resolve));
  assert.equal(code, 0, said);
  const [, generated = "0"] = /([\d,]+) generated/.exec(said) ?? [];
  t.diagnostic(`${generated} examples`);
  assert.ok(Number(generated.replaceAll(",", "")) >= examples.atLeast, said);
  assert.equal(agent.exit, undefined);
}
