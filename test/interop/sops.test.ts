import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { sample, string } from "fast-check";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, AGE_RECIPIENT } from "../support/artifacts.ts";
import { clef, type CommandResult } from "../support/cli.ts";
import { installEnv } from "../support/install-env.ts";
import { run, sops } from "../support/interop.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const command = sops();
const skip = command === undefined && "sops is not installed";

const WHOM = ["--identity", "api", "--environment", "production", "--recipient", AGE_RECIPIENT];
const AS_DOTENV = ["--input-type", "dotenv", "--output-type", "dotenv"];
const SECRETS = {
  HASH: "abc#def # not a comment",
  QUOTES: `"double" and 'single'`,
  PEM: "-----BEGIN X-----\nMC4C\n-----END X-----\n",
  EQUALS: "a=b=",
  BLANKS: "  kept  ",
  EMPTY: "",
  DOLLAR: "${HOME} $(id) `id`",
  JSON: String.raw`{"type": "x\"y"}`,
  UNICODE: "ä 日本 🔑",
};

/** The file that sops makes of these secrets, encrypted to the age key of the tests. */
async function encrypted(
  t: TestContext,
  secrets: Readonly<Record<string, string>>,
): Promise<string> {
  installEnv(t, { SOPS_AGE_KEY: AGE_IDENTITY });
  const directory = await temporaryDirectory(t);
  const plain = join(directory, "secrets.json");
  await writeFile(plain, JSON.stringify(secrets));
  const args = ["--input-type", "json", "--output-type", "dotenv", plain];
  const file = join(directory, "secrets.enc.env");
  await writeFile(file, output(["encrypt", "--age", AGE_RECIPIENT, ...args]));
  return file;
}

function output(args: readonly string[]): string {
  const { status, stdout, stderr } = run(command ?? "", args);
  assert.equal(status, 0, stderr);
  return stdout;
}

function pack(stdin: string, ...more: readonly string[]): Promise<CommandResult> {
  return clef(["pack", "--format", "sops-dotenv", ...WHOM, ...more], { stdin });
}

/** What the agent serves of what sops gives back as dotenv, and `pack` packed. */
async function servedFromSops(
  t: TestContext,
  secrets: Readonly<Record<string, string>>,
): Promise<unknown> {
  const decrypted = output(["decrypt", ...AS_DOTENV, await encrypted(t, secrets)]);
  const out = join(await temporaryDirectory(t), "artifact.json");
  const { code, stderr } = await pack(decrypted, "--out", out);
  assert.equal(code, 0, stderr);
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: out,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
  });
  await agent.ready();
  return JSON.parse((await agent.get("/v1/secrets")).body);
}

test("what sops decrypts as dotenv is served as what was encrypted", { skip }, async (t) => {
  assert.deepEqual(await servedFromSops(t, SECRETS), SECRETS);
});

test("random texts come through sops' dotenv as they are", { skip }, async (t) => {
  const seed = Date.now() % 1_000_000_000;
  // sops' dotenv cannot tell a newline from a backslash before an n.
  const texts = sample(string({ unit: "grapheme", maxLength: 40 }), {
    numRuns: 10_000,
    seed,
  }).filter((text) => !text.includes(String.raw`\n`));
  const secrets = Object.fromEntries(texts.map((text, index) => [`K${index}`, text]));
  assert.deepEqual(await servedFromSops(t, secrets), secrets, `seed ${seed}`);
});

test(
  "a file that sops encrypted is refused, and the message says how to decrypt it",
  { skip },
  async (t) => {
    const file = await encrypted(t, SECRETS);
    const { code, stdout, stderr } = await clef(["pack", file, "--format", "sops-dotenv", ...WHOM]);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /still encrypted by sops; decrypt it first: sops -d/);
  },
);
