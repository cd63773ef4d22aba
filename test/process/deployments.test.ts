import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { AGENT_COMMAND, AgentProcess, httpRequest } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack, revocation, VERIFY_KEY } from "../support/artifacts.ts";
import { type Deployment, DEPLOYMENTS } from "../support/deployments.ts";
import { freePort } from "../../scripts/free-port.ts";
import { Origin } from "../support/origin.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

/** The environment of the file, with what belongs to this machine and this test put in its place. */
async function localEnvironment(
  t: TestContext,
  { env }: Deployment,
  origin: Origin,
): Promise<Record<string, string>> {
  const directory = await temporaryDirectory(t);
  const key = join(directory, "age.key");
  await writeFile(key, AGE_IDENTITY);
  const here: Readonly<Record<string, string>> = {
    CLEF_AGENT_SOURCE: origin.url,
    CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    CLEF_AGENT_AGE_KEY_FILE: key,
    CLEF_AGENT_TOKEN: "a-token-from-the-platform",
    CLEF_AGENT_TOKEN_FILE: join(directory, "token"),
    CLEF_AGENT_CACHE_PATH: join(directory, "cache"),
  };
  const named = Object.entries(env).map(([name, value]) => [name, here[name] ?? value] as const);
  const port = String(await freePort());
  const probePort = String(await freePort());
  return {
    ...Object.fromEntries(
      named.map(([name, value]) => [name, value.replace(/:7780$/, `:${probePort}`)]),
    ),
    CLEF_AGENT_PORT: port,
  };
}

async function exitCode(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number | null> {
  assert.equal(command[0], "clef-agent");
  const [program, ...before] = AGENT_COMMAND;
  const child = spawn(program, [...before, ...command.slice(1)], { env, stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

for (const deployment of DEPLOYMENTS) {
  describe(`deploy/${deployment.file}`, () => {
    test("runs the agent, and its probes tell what they should", async (t) => {
      const origin = await Origin.start(t);
      origin.artifact = await pack({ identity: "api", signed: true });
      const env = await localEnvironment(t, deployment, origin);
      const agent = AgentProcess.start(t, { CLEF_AGENT_TOKEN: undefined, ...env });
      const [probe] = deployment.execProbes;
      assert.ok(probe);
      await eventually("it is ready", async () => (await exitCode(probe, env)) === 0);
      const probePort = Number(env["CLEF_AGENT_PROBE_LISTEN"]?.split(":").at(-1));
      const ask = async (path: string): Promise<number> =>
        (await httpRequest(probePort, path, { host: "10.1.2.3:7780" })).status;
      for (const path of deployment.httpProbes) assert.equal(await ask(path), 200);

      origin.artifact = revocation().replace("api-gateway", "api");
      agent.child.kill("SIGHUP");
      await eventually("it is ready no more", async () => (await exitCode(probe, env)) === 1);
      for (const path of deployment.httpProbes) {
        assert.equal(await ask(path), path === "/v1/health" ? 200 : 503);
      }
      const warnings = agent.log.filter(
        ({ level, event }) => level === "warn" && event === undefined,
      );
      assert.deepEqual(warnings, []);
      agent.child.kill("SIGTERM");
      assert.deepEqual(await agent.ended(), { code: 0, signal: null });
    });
  });
}
