import assert from "node:assert/strict";
import { symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { fetchNode } from "../../scripts/binary/node-executable.ts";
import { HOST, NODE_VERSION, TARGETS } from "../../scripts/binary/targets.ts";
import { ROOT, runCommand } from "../../scripts/run.ts";
import { AGE_RECIPIENT } from "../support/artifacts.ts";
import { clef } from "../support/cli.ts";
import { NODE_PROGRAM } from "../support/exec/commands.ts";
import { ExecAgent } from "../support/exec/exec-agent.ts";
import { blackBox, localFolder } from "../support/package/black-box.ts";
import { packAndInstall, type Tarball } from "../support/package/tarball.ts";

/** The oldest one that `engines` allows, the newest of each line since, and some that are too old. */
const OLDEST = "22.4.0";
const VERSIONS = [OLDEST, "22.23.3", "24.21.0", NODE_VERSION];
const TOO_OLD = ["20.20.2", "22.3.0"];

const target = TARGETS.find(({ name }) => name === HOST);
const skip = target === undefined ? `npm has no Node.js for ${HOST}` : undefined;
const nodes = new Map<string, string>();
let tarball: Tarball;

before(async () => {
  tarball = await packAndInstall();
  if (target === undefined) return;
  for (const version of [...VERSIONS, ...TOO_OLD]) {
    nodes.set(version, await fetchNode(target, version));
  }
});

const program = (): string => path.join(tarball.installed, "node_modules/.bin/clef-agent");

for (const version of VERSIONS) {
  blackBox(
    {
      name: `npm package on Node.js ${version}`,
      command: () => [nodes.get(version) ?? "", program()],
      folder: localFolder,
    },
    { skip },
  );
}

for (const version of VERSIONS) {
  test(
    `exec runs a command on Node.js ${version}, starts it again at a change, and ends with it`,
    {
      skip,
    },
    async (t) => {
      const exec = await ExecAgent.start(t, NODE_PROGRAM, {
        commandLine: [nodes.get(version) ?? "", program()],
      });
      await exec.prints("ready one");
      for (const signal of ["SIGHUP", "SIGUSR2"] as const) {
        exec.agent.child.kill(signal);
        await exec.prints(`got ${signal}`);
      }
      await exec.repack({ KEY: "two" });
      await exec.prints("ready two");
      exec.agent.child.kill("SIGTERM");
      assert.equal(await exec.code(), 42);
    },
  );
}

for (const version of TOO_OLD) {
  test(
    `on Node.js ${version}, which is too old, it says which one it needs`,
    { skip },
    async () => {
      const command = [nodes.get(version) ?? "", program()] as const;
      const pack = ["pack", "--identity", "i", "--environment", "e", "--recipient", AGE_RECIPIENT];
      for (const args of [["--version"], ["run"], pack]) {
        const { code, stdout, stderr } = await clef(args, { command, stdin: "KEY=in-clear" });
        assert.equal(code, 1);
        assert.equal(stdout, "");
        assert.ok(
          stderr.startsWith(`clef-agent needs Node.js 22.4 or newer; this is Node.js ${version} (`),
        );
        assert.doesNotMatch(stderr, /\n\s+at /);
      }
    },
  );
}

test("npx runs it", { skip }, async (t) => {
  const { path: folder } = await localFolder(t);
  await symlink(nodes.get("24.21.0") ?? "", path.join(folder, "node"));
  const env = { PATH: `${folder}${path.delimiter}${process.env["PATH"] ?? ""}` };
  const command = ["npx", "--offline", "--", "clef-agent"] as const;
  const { code, stdout } = await clef(["--help"], { env, command, cwd: tarball.installed });
  assert.equal(code, 0);
  assert.match(stdout, /clef-agent/);
});

test("the tarball holds the program, its types and source maps, and nothing else", () => {
  const kinds = [
    /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
    /^dist\/(?:clef-agent|main|index)\.js$/,
    /^dist\/(?:main|index)\.js\.map$/,
    /^dist\/client\/(?:index|env)\.js$/,
    /^dist\/chunks\/[\w-]+\.js(?:\.map)?$/,
    /^dist\/types\/(?:\w+\/)?[\w-]+\.d\.ts$/,
    /^dist\/conformance\/(?:main\.js|specification\.md)$/,
    /^dist\/conformance\/(?:chunks|cases\/[a-z-]+)\/[\w.-]+\.js$/,
    /^dist\/THIRD-PARTY-LICENSES\.txt$/,
  ];
  const others = tarball.paths.filter((file) => !kinds.some((kind) => kind.test(file)));
  assert.deepEqual(others, []);
  for (const kind of kinds)
    assert.ok(
      tarball.paths.some((file) => kind.test(file)),
      String(kind),
    );
});

test(
  "npx runs the conformance suite of the package, on the agent of the package",
  { skip },
  async (t) => {
    const { path: folder } = await localFolder(t);
    await symlink(nodes.get(OLDEST) ?? "", path.join(folder, "node"));
    const env = { PATH: `${folder}${path.delimiter}${process.env["PATH"] ?? ""}` };
    const command = [
      "npx",
      "--offline",
      "-p",
      "@clef-sh/agent",
      "--",
      "clef-agent-conformance",
    ] as const;
    const args = ["--only", "F-7", "--only", "V-6", "--", program()];
    const { code, stdout } = await clef(args, { env, command, cwd: tarball.installed });
    assert.equal(code, 0, stdout);
    assert.match(stdout, /^# all +2 +6 +0 +0 +100 %$/m);
  },
);

test("publint finds nothing to say", async () => {
  const publint = path.join(ROOT, "node_modules/publint/src/cli.js");
  await runCommand(process.execPath, [publint, "run", tarball.file, "--strict"]);
});

test("its types are what its modules are", async () => {
  const attw = path.join(ROOT, "node_modules/@arethetypeswrong/cli/dist/index.js");
  await runCommand(process.execPath, [attw, tarball.file, "--profile", "esm-only"]);
});

test("a strict TypeScript program compiles against it", async () => {
  const source = path.join(tarball.installed, "embedding.ts");
  await writeFile(
    source,
    `import { type Agent, AgentError, createAgent } from "@clef-sh/agent";
import { type Client, ClientError, type ClientErrorCode, connect } from "@clef-sh/agent/client";
import "@clef-sh/agent/client/env";
export async function start(): Promise<string | undefined> {
  const agent: Agent = await createAgent({ CLEF_AGENT_SOURCE: "x", CLEF_AGENT_PORT: "0" });
  const read = await agent.read();
  if (!read.available) throw new AgentError("internal", read.reason);
  return read.secrets.get("app__DB_URL");
}
export const fromEnvironment = createAgent(process.env, { log: (line) => line.trim() });
export async function url(): Promise<string> {
  const client: Client = connect({ env: process.env });
  await client.ready({ timeoutMs: 1_000, signal: AbortSignal.timeout(1_000) });
  for await (const secrets of client.watch({ onTrouble: ({ code }) => code === "busy" })) {
    return secrets["app__DB_URL"] ?? "";
  }
  throw new ClientError("not_found", "it ended");
}
// @ts-expect-error -- no such code
export const code: ClientErrorCode = "no_such_code";
// @ts-expect-error -- no such variable
export const misspelt = createAgent({ CLEF_AGENT_SORCE: "x" });
`,
  );
  const tsc = path.join(ROOT, "node_modules/typescript/bin/tsc");
  const flags = ["--strict", "--noEmit", "--target", "es2022", "--skipLibCheck", "false"];
  const types = ["--types", "node", "--typeRoots", path.join(ROOT, "node_modules/@types")];
  for (const module of ["nodenext", "preserve"]) {
    await runCommand(
      process.execPath,
      [tsc, ...flags, "--module", module, ...types, source],
      tarball.installed,
    );
  }
});
