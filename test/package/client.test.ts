import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, copyFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { before, describe, test, type TestContext } from "node:test";
import { fetchFromPackage } from "../../scripts/binary/node-executable.ts";
import { HOST } from "../../scripts/binary/targets.ts";
import { ROOT } from "../../scripts/run.ts";
import type { CommandLine } from "../support/agent-process.ts";
import { runtimes } from "../support/package/runtimes.ts";
import { packAndInstall, type Tarball } from "../support/package/tarball.ts";
import { ForwardProxy } from "../support/proxy.ts";
import { Sidecar, type Way } from "../support/sidecar.ts";
import { eventually } from "../support/temporary.ts";

let tarball: Tarball;

before(async () => {
  tarball = await packAndInstall();
  const program = path.join(ROOT, "test/support/client-program.mjs");
  await copyFile(program, path.join(tarball.installed, "program.mjs"));
  await writeFile(
    path.join(tarball.installed, "print-key.mjs"),
    "console.log(`KEY=${process.env.KEY}`);\n",
  );
});

/** A program in the folder in which the package is installed. */
class Program {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  #code: number | null | undefined;

  constructor(
    t: TestContext,
    [command, ...args]: CommandLine,
    env: Readonly<Record<string, string>>,
  ) {
    this.child = spawn(command, args, {
      cwd: tarball.installed,
      env: {
        PATH: process.env["PATH"],
        HOME: tarball.installed,
        DENO_NO_UPDATE_CHECK: "1",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on("data", (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.child.on("close", (code) => (this.#code = code));
    t.after(() => void this.child.kill("SIGKILL"));
  }

  /** Waits until it has written this line. */
  async says(value: unknown): Promise<void> {
    const line = JSON.stringify(value);
    const what = `${line}; so far:\n${this.stdout}\n${this.stderr}`;
    await eventually(what, () => this.stdout.split("\n").includes(line), 30_000);
  }

  async code(): Promise<number | null> {
    await eventually(`its end; so far:\n${this.stderr}`, () => this.#code !== undefined, 30_000);
    return this.#code ?? null;
  }
}

/** What would send the token away in a runtime that took notice of it. */
function throughProxy({ url }: ForwardProxy): Readonly<Record<string, string>> {
  const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"];
  return {
    ...Object.fromEntries(names.map((name) => [name, url])),
    NODE_USE_ENV_PROXY: "1",
  };
}

test(
  "an old Deno, which would send the token through a proxy, is refused",
  { skip: HOST !== "linux-x64" },
  async (t) => {
    const deno = await fetchFromPackage("@deno/linux-x64-glibc", "2.1.0", "deno");
    await chmod(deno, 0o755);
    const proxy = await ForwardProxy.start(t);
    const env = { CLEF_AGENT_TOKEN: "t", ...throughProxy(proxy) };
    const program = new Program(t, [deno, "run", "--allow-all", "--quiet", "program.mjs"], env);
    assert.equal(await program.code(), 1);
    assert.match(program.stderr, /needs Deno 2\.4 or newer/);
    assert.deepEqual(proxy.asked, []);
  },
);

const supported = runtimes();
if (supported.length === 0) test("the client on other runtimes", { skip: "npm has none here" });

for (const runtime of supported) {
  describe(`the client on ${runtime.name}`, () => {
    for (const way of ["TCP", "a Unix socket"] satisfies Way[]) {
      test(`reads, follows, survives the agent and hears of a revocation over ${way}, past every proxy`, async (t) => {
        const proxy = await ForwardProxy.start(t);
        const secrets = { KEY: "one", app: { DB: "d" } };
        const sidecar = await Sidecar.at(t, { way, secrets });
        const run = await runtime.command();
        const env = { ...sidecar.clients, ...throughProxy(proxy) };
        const program = new Program(t, [...run, "program.mjs"], env);
        await sidecar.start();
        await program.says({ ready: true });
        const all = { KEY: "one", app__DB: "d" };
        await program.says({ keys: ["KEY", "app__DB"], one: "one", all });
        await program.says({ code: "not_found" });
        await program.says({ code: "aborted", isOurs: true });
        await program.says({ watched: all });
        await sidecar.repack({ KEY: "two" });
        await program.says({ watched: { KEY: "two" } });
        await sidecar.stop();
        await program.says({ trouble: "unreachable" });
        await sidecar.repack({ KEY: "three" });
        await sidecar.start();
        await program.says({ watched: { KEY: "three" } });
        await sidecar.revoke();
        await program.says({ ended: "revoked" });
        await program.says({ last: "aborted" });
        assert.equal(await program.code(), 0);
        assert.deepEqual(proxy.asked, []);
      });
    }

    test("loads the secrets into the environment before the application, or does not start it", async (t) => {
      const sidecar = await Sidecar.start(t, { way: "TCP" });
      const run = await runtime.command();
      const command = [...run, ...runtime.loader, "print-key.mjs"] as const;
      const filled = new Program(t, command, sidecar.clients);
      assert.equal(await filled.code(), 0, filled.stderr);
      assert.equal(filled.stdout, "KEY=one\n");
      await sidecar.repack({ KEY: "in-clear", NODE_OPTIONS: "--require ./evil.js" });
      await eventually("it is served", async () =>
        (await sidecar.agent.get("/v1/keys")).body.includes("NODE_OPTIONS"),
      );
      const refused = new Program(t, command, sidecar.clients);
      assert.equal(await refused.code(), 1);
      assert.equal(refused.stdout, "");
      assert.match(refused.stderr, /^clef-agent: the secret "NODE_OPTIONS": [^\n]+\n$/);
    });
  });
}
