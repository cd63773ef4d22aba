/** What V8 makes of the chunks, so that a start need not compile them. */
import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Script } from "node:vm";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { packArtifact } from "../../src/artifact/pack.ts";
import { ageSeal } from "../../src/seal/age-seal.ts";
import { generateSigningKey, parseSigningKey } from "../../src/keys/signing-keys.ts";
import { freePort } from "../free-port.ts";

const GIVE_UP_MS = 30_000;

/**
 * Writes a `.cache` beside each chunk in `folder`, for this machine's Node.js. An agent that serves,
 * and its health check, run once: what they ran is in the caches of their chunks, so that the next
 * start compiles next to nothing.
 *
 * @throws Error if that agent did not serve.
 */
export async function writeCodeCaches(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const file = path.join(folder, name);
    const script = new Script(await readFile(file, "utf8"), { filename: name });
    await writeFile(`${file}.cache`, script.createCachedData());
  }
  const env = await agentEnvironment(folder);
  const agent = warmUp(folder, ["run"], env);
  while (agent.exitCode() === undefined && (await status(env)) !== 200) await sleep(5);
  // The chunks that both load keep what the agent ran, so it ends last.
  await endedWell(warmUp(folder, ["healthcheck"], env));
  agent.stop();
  await endedWell(agent);
}

async function agentEnvironment(folder: string): Promise<Readonly<Record<string, string>>> {
  const identity = await generateX25519Identity();
  const signingKey = generateSigningKey();
  const artifact = path.join(folder, "warm-up.json");
  await writeFile(
    artifact,
    await packArtifact({
      identity: "warm-up",
      environment: "build",
      payload: Buffer.from('{"KEY":"value","namespace":{"KEY":"value"}}'),
      seal: ageSeal([await identityToRecipient(identity)]),
      ttlMs: undefined,
      signer: parseSigningKey(signingKey.privatePem),
      nowMs: Date.now(),
    }),
  );
  return {
    CLEF_AGENT_SOURCE: artifact,
    CLEF_AGENT_AGE_KEY: identity,
    CLEF_AGENT_VERIFY_KEY: signingKey.verifyKey,
    CLEF_AGENT_TOKEN: "warm-up-token-0123456789abcdef",
    CLEF_AGENT_PORT: String(await freePort()),
  };
}

interface WarmUp {
  stop(): void;
  /** Undefined while it runs. */
  exitCode(): number | undefined;
  /** Resolves to what it wrote, once it has ended. */
  readonly ended: Promise<string>;
}

function warmUp(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): WarmUp {
  const script = path.join(import.meta.dirname, "warm-up.ts");
  const child = spawn(process.execPath, [script, folder, ...args], {
    env,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: GIVE_UP_MS,
  });
  return {
    stop: () => void child.kill("SIGTERM"),
    exitCode: () => (child.signalCode === null ? (child.exitCode ?? undefined) : 1),
    ended: text(child.stderr),
  };
}

async function endedWell(run: WarmUp): Promise<void> {
  const stderr = await run.ended;
  while (run.exitCode() === undefined) await sleep(5);
  if (run.exitCode() !== 0) throw new Error(`warming up the code cache failed: ${stderr}`);
}

function status(env: Readonly<Record<string, string>>): Promise<number | undefined> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${env["CLEF_AGENT_TOKEN"] ?? ""}` };
    const to = { host: "127.0.0.1", port: env["CLEF_AGENT_PORT"], path: "/v1/secrets", headers };
    const asked = request({ ...to, agent: false }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode));
    });
    asked.on("error", () => resolve(undefined)).end();
  });
}
