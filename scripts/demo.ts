/**
 * The agent end to end on real input: makes keys, packs examples/secrets.json, starts the built
 * agent, reads the secrets back over HTTP and stays up. An edited example is packed again at once.
 *
 *   npm run demo              stays up until Ctrl-C
 *   npm run demo -- --check   stops after the reading back; exit 0 if all of it came back
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { watchFile } from "../src/system/file-watch.ts";
import { build, EXECUTABLE } from "./build.ts";
import { ROOT } from "./run.ts";

const EXAMPLE = path.join(ROOT, "examples/secrets.json");
const check = process.argv.includes("--check");
const directory = mkdtempSync(path.join(tmpdir(), "clef-agent-demo-"));
const file = (name: string): string => path.join(directory, name);
const stopped = new AbortController();
let agent: ChildProcess | undefined;

process.on("exit", () => {
  agent?.kill("SIGTERM");
  rmSync(directory, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));

try {
  await demo();
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

async function demo(): Promise<void> {
  step("building the agent");
  await build();

  step("making an age identity, and a key to sign with");
  const recipient = clef("keygen", "age", "--out", file("age.key"));
  const verifyKey = clef("keygen", "signing", "--out", file("signing.pem"));
  step(`packing examples/secrets.json for ${recipient}`);
  pack(recipient);

  step("starting the agent");
  const port = await start(verifyKey);
  const token = readFileSync(file("token"), "utf8").trim();

  step(`reading the secrets back from http://127.0.0.1:${port}/v1/secrets`);
  const served = await readBack(port, token);
  console.log(JSON.stringify(served, undefined, 2));
  if (!isDeepStrictEqual(served, JSON.parse(readFileSync(EXAMPLE, "utf8")))) {
    throw new Error("what came back is not what was packed");
  }
  step("what came back is what was packed");
  if (check) process.exit(0);
  printNextSteps(port, token);
  await watchFile(EXAMPLE, () => packAgain(recipient), stopped.signal);
}

function step(text: string): void {
  console.log(`demo: ${text}`);
}

/** Runs a command of the built agent and gives what it printed. */
function clef(...args: readonly string[]): string {
  return execFileSync(process.execPath, [EXECUTABLE, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
}

function pack(recipient: string): void {
  const whom = ["--identity", "demo", "--environment", "local", "--recipient", recipient];
  const signed = ["--signing-key", file("signing.pem"), "--out", file("artifact.json")];
  clef("pack", EXAMPLE, ...whom, ...signed);
}

function packAgain(recipient: string): void {
  try {
    pack(recipient);
    step("examples/secrets.json changed and was packed again; ask the agent for it");
  } catch {
    step("examples/secrets.json changed but cannot be packed; the agent serves what it had");
  }
}

/** Starts the agent on a free port. @returns the port, once the secrets are served. */
function start(verifyKey: string): Promise<number> {
  const running = spawn(process.execPath, [EXECUTABLE, "run"], {
    env: {
      CLEF_AGENT_SOURCE: file("artifact.json"),
      CLEF_AGENT_AGE_KEY_FILE: file("age.key"),
      CLEF_AGENT_VERIFY_KEY: verifyKey,
      CLEF_AGENT_TOKEN_FILE: file("token"),
      CLEF_AGENT_IDENTITY: "demo",
      CLEF_AGENT_ENVIRONMENT: "local",
      CLEF_AGENT_PORT: "0",
      CLEF_AGENT_LOG_FORMAT: "text",
    },
    stdio: ["ignore", "inherit", "pipe"],
  });
  agent = running;
  return new Promise((resolve, reject) => {
    let log = "";
    running.stderr.setEncoding("utf8").on("data", (text: string) => {
      process.stderr.write(text);
      log += text;
      const port = /serving secrets .*address=127\.0\.0\.1:(\d+) /.exec(log)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
    running.once("exit", (code) => {
      reject(new Error("the agent ended before it served anything"));
      process.exit(code ?? 1);
    });
  });
}

async function readBack(port: number, token: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${token}` };
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(`http://127.0.0.1:${port}/v1/secrets`, { headers });
    if (response.ok) return response.json();
    if (attempt === 50) throw new Error(`the agent answered ${response.status}`);
    await sleep(100);
  }
}

function printNextSteps(port: number, token: string): void {
  const address = `http://127.0.0.1:${port}`;
  const curl = `curl -s -H 'Authorization: Bearer ${token}'`;
  console.log(`
The agent stays up until Ctrl-C. In another terminal, try

  ${curl} ${address}/v1/secrets
  ${curl} '${address}/v1/secrets?format=flat'
  ${curl} ${address}/v1/secrets/app/API_KEY
  ${curl} ${address}/v1/keys
  curl -s ${address}/v1/health

Then edit examples/secrets.json: it is packed again, and the agent serves the change within a second.
`);
}
