import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Seal } from "../../src/artifact/seal.ts";
import { AgentProcess } from "./agent-process.ts";
import { AGE_IDENTITY, pack } from "./artifacts.ts";
import { countInCoreDump } from "./core-dump.ts";
import type { Origin } from "./origin.ts";
import { replaceFile } from "./replace-file.ts";
import { eventually, temporaryDirectory } from "./temporary.ts";

const SECRETS = 1000;
const BATCHES = 20;

/** Where the agent of a trial gets its artifact from. */
export interface TrialSource {
  readonly location: string;
  put(artifact: string): Promise<void> | void;
}

export async function fileTrialSource(t: TestContext): Promise<TrialSource> {
  const location = join(await temporaryDirectory(t), "artifact.json");
  const put = async (artifact: string): Promise<void> => {
    await replaceFile(location, artifact);
  };
  return { location, put };
}

export function httpTrialSource(origin: Origin): TrialSource {
  return {
    location: origin.url,
    put: (artifact) => {
      origin.artifact = artifact;
    },
  };
}

/**
 * Serves a thousand distinctive secrets in every form, lets `wipe` end that, and counts what of them
 * is in a core dump before and after.
 */
export async function memoryTrial(
  t: TestContext,
  source: TrialSource,
  wipe: (agent: AgentProcess) => Promise<void> | void,
): Promise<void> {
  const plan = { source, secretsOf: secretsWith, cacheTtl: "30" };
  const { agent, marker, dump, replace } = await startTrial(t, plan);
  await readEverything(agent);
  // A second revision, so that a first one was there and was wiped.
  await replace(secretsWith(marker));
  await readEverything(agent);

  const parts = JSON.stringify(secretsWith(marker)).split(marker).length - 1;
  const serving = await dump("serving, as it was packed and with flat names");
  assert.ok(serving >= 2 * parts, "what is there is found");
  await wipe(agent);
  const gone = async (): Promise<boolean> => (await agent.get("/v1/ready")).status === 503;
  await eventually("wiped", gone, 45_000);
  assert.equal(await dump("wiped"), 0);
  await agent.stop();
}

export interface Trial {
  readonly agent: AgentProcess;
  /** Every value is made of this, so that finding it finds every value and every part of one. */
  readonly marker: string;
  /** How often the marker is in a core dump now. */
  readonly dump: (state: string) => Promise<number>;
  /** Puts in another artifact and waits until it is served. */
  readonly replace: (secrets: unknown) => Promise<void>;
}

export interface TrialPlan {
  readonly source: TrialSource;
  readonly secretsOf: (marker: string) => unknown;
  readonly cacheTtl: string;
  /** Instead of age. */
  readonly kms?: TrialKms | undefined;
}

/** A KMS that artifacts are sealed with, and the environment in which an agent finds it. */
export interface TrialKms {
  readonly seal: Seal;
  readonly env: Readonly<Record<string, string>>;
}

export async function startTrial(
  t: TestContext,
  { source, secretsOf, cacheTtl, kms }: TrialPlan,
): Promise<Trial> {
  const marker = randomBytes(9).toString("base64url");
  const needles = [Buffer.from(marker, "utf8"), Buffer.from(marker, "utf16le")];
  const directory = await temporaryDirectory(t);
  const sealed = (secrets: unknown): Promise<string> =>
    pack(kms === undefined ? { secrets } : { secrets, seal: kms.seal });
  await source.put(await sealed(secretsOf(marker)));
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: source.location,
    ...(kms?.env ?? { CLEF_AGENT_AGE_KEY: AGE_IDENTITY }),
    CLEF_AGENT_CACHE_TTL: cacheTtl,
    CLEF_AGENT_CACHE_PATH: join(directory, "cache"),
    // Reserves less address space, all of which a core dump contains, for Node's HTTP parser.
    NODE_OPTIONS: "--disable-wasm-trap-handler",
  });
  await agent.ready();
  const dump = async (state: string): Promise<number> => {
    const { count, bytes } = await countInCoreDump(agent.child.pid ?? 0, directory, needles);
    t.diagnostic(`${state}: ${count} found in a core dump of ${Math.round(bytes / 1e6)} MB`);
    return count;
  };
  const replace = async (secrets: unknown): Promise<void> => {
    const artifact = await sealed(secrets);
    await source.put(artifact);
    agent.child.kill("SIGHUP");
    const { revision } = JSON.parse(artifact) as { readonly revision: string };
    await agent.logged("the second revision", (line) => line["revision"] === revision);
  };
  return { agent, marker, dump, replace };
}

/** The name of one of the longest values of `secretsWith`. */
export const LONGEST = "db__KEY_6";

/** A quarter at the top and the rest in namespaces, from short to long. */
export function secretsWith(marker: string): Readonly<Record<string, unknown>> {
  const payload: Record<string, unknown> = {};
  for (const group of ["app", "db", "mail"]) payload[group] = {};
  for (let index = 0; index < SECRETS; index++) {
    const parts = Array.from({ length: 1 + (index % 7) * 5 }, (_, part) => `${marker}${part}`);
    const home = [payload, payload["app"], payload["db"], payload["mail"]][index % 4];
    Object.assign(home ?? payload, { [`KEY_${index}`]: parts.join(" ") });
  }
  return payload;
}

export async function readEverything(agent: AgentProcess): Promise<void> {
  const keys = JSON.parse((await agent.get("/v1/keys")).body) as readonly string[];
  assert.equal(keys.length, SECRETS);
  for (let batch = 0; batch < BATCHES; batch++) {
    const some = keys.filter((_, index) => index % BATCHES === batch);
    const paths = ["/v1/secrets", "/v1/secrets?format=flat", "/v1/keys"];
    paths.push(...some.map((name) => `/v1/secrets/${name}`));
    const answers = await Promise.all(paths.map((path) => agent.get(path)));
    assert.ok(answers.every(({ status }) => status === 200));
  }
}
