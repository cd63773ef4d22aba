import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { VERSION } from "../../../src/version.ts";
import { AgentProcess, type CommandLine, httpRequest } from "../agent-process.ts";
import { AGE_IDENTITY, pack, VERIFY_KEY } from "../artifacts.ts";
import { clef } from "../cli.ts";
import { run } from "../interop.ts";
import { eventually, temporaryDirectory } from "../temporary.ts";

/** One form in which the agent is shipped. */
export interface Artefact {
  readonly name: string;
  /** What starts the agent, asked for when the tests run. */
  command(): CommandLine;
  /** A new folder that the agent may read and write, and the path under which it sees it. */
  folder(t: TestContext): Promise<{ readonly path: string; readonly inside: string }>;
}

/** For what runs on the file system of this machine. */
export async function localFolder(
  t: TestContext,
): Promise<{ readonly path: string; readonly inside: string }> {
  const path = await temporaryDirectory(t);
  return { path, inside: path };
}

/** What every form must do, seen from outside. */
export function blackBox(
  artefact: Artefact,
  options: { readonly skip?: string | undefined },
): void {
  const { name } = artefact;
  const skip = options.skip ?? false;

  const started = async (
    t: TestContext,
  ): Promise<{ readonly agent: AgentProcess; readonly path: string; readonly inside: string }> => {
    const { path, inside } = await artefact.folder(t);
    const secrets = { app: { DB_URL: "postgres://db/app" }, TOP: "one" };
    await writeFile(join(path, "artifact.json"), await pack({ secrets, signed: true }));
    await writeFile(join(path, "age.key"), AGE_IDENTITY);
    const agent = AgentProcess.start(
      t,
      {
        PATH: process.env["PATH"],
        CLEF_AGENT_SOURCE: `${inside}/artifact.json`,
        CLEF_AGENT_AGE_KEY_FILE: `${inside}/age.key`,
        CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
        CLEF_AGENT_CACHE_PATH: `${inside}/cache`,
      },
      ["run"],
      artefact.command(),
    );
    await agent.ready();
    return { agent, path, inside };
  };

  test(`${name}: serves secrets to those with the token alone`, { skip }, async (t) => {
    const { agent } = await started(t);
    const all = await agent.get("/v1/secrets");
    assert.equal(all.status, 200);
    assert.deepEqual(JSON.parse(all.body), { app: { DB_URL: "postgres://db/app" }, TOP: "one" });
    assert.equal((await agent.get("/v1/secrets/app/DB_URL")).body, '{"value":"postgres://db/app"}');
    assert.equal((await httpRequest(await agent.port(), "/v1/secrets", {})).status, 401);
    const wrong = { authorization: "Bearer wrong-token-0123456789" };
    assert.equal((await httpRequest(await agent.port(), "/v1/secrets", wrong)).status, 401);
    assert.equal((await agent.get("/v1/secrets", { host: "evil.example" })).status, 403);
  });

  test(`${name}: serves a changed file without a restart`, { skip }, async (t) => {
    const { agent, path } = await started(t);
    const changed = await pack({ secrets: { TOP: "two" }, signed: true });
    await writeFile(join(path, "next"), changed);
    await rename(join(path, "next"), join(path, "artifact.json"));
    await eventually("the new secret", async () =>
      (await agent.get("/v1/secrets/TOP")).body.includes("two"),
    );
  });

  test(`${name}: answers its health check while it serves, and not after`, { skip }, async (t) => {
    const { agent } = await started(t);
    const env = { CLEF_AGENT_PORT: String(await agent.port()) };
    const command = artefact.command();
    for (const question of [[], ["ready"], ["live"]]) {
      const asked = await clef(["healthcheck", ...question], { env, command });
      assert.equal(asked.code, 0, asked.stderr);
    }
    agent.child.kill("SIGTERM");
    await agent.ended();
    assert.equal((await clef(["healthcheck"], { env, command })).code, 1);
  });

  test(`${name}: makes keys, packs, inspects, verifies and revokes`, { skip }, async (t) => {
    const { path, inside } = await artefact.folder(t);
    const command = artefact.command();
    const ran = async (args: readonly string[], stdin = ""): Promise<string> => {
      const { code, stdout, stderr } = await clef(args, { command, stdin });
      assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
      return stdout;
    };
    const recipient = (await ran(["keygen", "age", "--out", `${inside}/new.key`])).trim();
    // Around the size of Node's pool of memory, and of a chunk of age.
    for (const size of [1, 100, 4_096, 8_192, 65_536, 200_000]) {
      const secrets = JSON.stringify({ KEY: "in-clear ".repeat(size).slice(0, size) });
      const who = ["--identity", "i", "--environment", "e", "--recipient", recipient];
      const artifact = await ran(["pack", ...who], secrets);
      await writeFile(join(path, "packed.json"), artifact);
      const { ciphertext } = JSON.parse(artifact) as { readonly ciphertext: string };
      const file = Buffer.from(ciphertext, "base64");
      assert.equal(file.includes("in-clear"), false);
      await writeFile(join(path, "file.age"), file);
      const opened = run("age", ["-d", "-i", join(path, "new.key"), join(path, "file.age")]);
      // It is here where `.ci/install-interop` ran.
      if (opened.error === undefined) assert.equal(opened.stdout, secrets, opened.stderr);
      assert.match(await ran(["inspect", `${inside}/packed.json`]), /age, 1 recipient \(X25519\)/);
      assert.match(await ran(["verify", `${inside}/packed.json`]), /VALID/);
    }
    await ran(["revoke", `${inside}/packed.json`]);
    assert.equal((await clef(["verify", `${inside}/packed.json`], { command })).code, 1);
  });

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${name}: ends on ${signal} with exit code 0, soon`, { skip }, async (t) => {
      const { agent } = await started(t);
      const askedAt = performance.now();
      agent.child.kill(signal);
      assert.deepEqual(await agent.ended(), { code: 0, signal: null });
      assert.ok(performance.now() - askedAt < 5_000);
      assert.equal(agent.log.at(-1)?.["event"], "agent.stopped");
    });
  }

  test(
    `${name}: a wrong configuration is exit code 1 and says what is wrong`,
    { skip },
    async () => {
      const env = { CLEF_AGENT_PORT: "eighty", CLEF_AGENT_LOG_FORMAT: "json" };
      const { code, stderr } = await clef(["run"], { env, command: artefact.command() });
      assert.equal(code, 1, stderr);
      assert.match(stderr, /CLEF_AGENT_SOURCE is not set/);
      assert.match(stderr, /CLEF_AGENT_PORT must be a port/);
    },
  );

  test(`${name}: wrong usage is exit code 2`, { skip }, async () => {
    const command = artefact.command();
    for (const args of [["serve"], ["run", "--fast"], ["--inspect"]]) {
      assert.equal((await clef(args, { command })).code, 2, args.join(" "));
    }
  });

  test(`${name}: says its version and how to use it`, { skip }, async () => {
    const command = artefact.command();
    const version = await clef(["--version"], { command });
    assert.deepEqual(version, { code: 0, stdout: `${VERSION}\n`, stderr: "" });
    assert.match((await clef(["--help"], { command })).stdout, /healthcheck/);
  });
}
