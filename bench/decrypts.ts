/** What opening an artifact costs, the agent's way and OpenSSL's way. */
import { NOTHING_ACCEPTED } from "../src/artifact/trust.ts";
import { verify } from "../src/artifact/verify.ts";
import { ageDecrypter } from "../src/decrypt/age.ts";
import { createDecrypt } from "../src/decrypt/decrypt.ts";
import { parseAgeIdentities } from "../src/keys/age-identities.ts";
import { kmsOpener } from "../src/kms/open.ts";
import { justInTimeStore } from "../src/store/just-in-time.ts";
import { Snapshot } from "../src/store/snapshot.ts";
import { systemClock } from "../src/system/clock.ts";
import { opensslDecrypter } from "./openssl-age.ts";
import { abba, compare, type Comparison, mean, type Pair } from "./stats.ts";
import { TWENTY, type Workspace } from "./workspace.ts";
import { kmsPartsHere } from "../test/support/network.ts";

interface Cost {
  readonly cpuMicros: Comparison;
  readonly perSecond: Comparison;
}

export interface Decrypts {
  /** Of the age file alone. */
  readonly file: Cost;
  /** Of all that one reader costs in just-in-time mode: decrypting, indexing, and the wipe. */
  readonly read: Cost;
}

interface Plan {
  readonly decryptsPerRound: number;
  readonly blocks: number;
}

export async function measureDecrypts(workspace: Workspace, plan: Plan): Promise<Decrypts> {
  const text = await workspace.artifact(TWENTY);
  const { ciphertext } = JSON.parse(text) as { ciphertext: string };
  const file = Buffer.from(ciphertext, "base64");
  const openssl = opensslDecrypter(workspace.identity);
  const age = ageDecrypter(parseAgeIdentities(workspace.identity));
  if (!(await age(file)).equals(openssl(file))) throw new Error("the plaintexts differ");
  const read = await justInTimeReader(text, age);
  return {
    file: await measureCost(plan, { agent: () => age(file), bare: () => openssl(file) }),
    read: await measureCost(plan, { agent: read, bare: () => openssl(file) }),
  };
}

/** Opens and lets go as one request does. */
async function justInTimeReader(
  text: string,
  age: ReturnType<typeof ageDecrypter>,
): Promise<() => Promise<void>> {
  const anyone = { identity: undefined, environment: undefined, verifyKeys: [] };
  const verdict = verify(Buffer.from(text), anyone, NOTHING_ACCEPTED, Date.now());
  if (verdict.kind !== "verified") throw new Error("the artifact is not good");
  const store = justInTimeStore(createDecrypt(age, kmsOpener(kmsPartsHere())), systemClock);
  (await store.stage(verdict.artifact)).commit();
  const reader = { cutOff: (): void => undefined };
  return async () => {
    const opened = await store.open();
    if (!(opened instanceof Snapshot)) throw new Error("it cannot be read");
    opened.release(reader);
  };
}

async function measureCost(
  { decryptsPerRound, blocks }: Plan,
  work: Readonly<Record<keyof Pair, () => unknown>>,
): Promise<Cost> {
  const measure = async (side: keyof Pair): Promise<{ cpu: number; perSecond: number }> => {
    const before = process.cpuUsage();
    const started = performance.now();
    for (let index = 0; index < decryptsPerRound; index++) await work[side]();
    const wallMs = performance.now() - started;
    const { user, system } = process.cpuUsage(before);
    return {
      cpu: (user + system) / decryptsPerRound,
      perSecond: (decryptsPerRound / wallMs) * 1000,
    };
  };
  await abba(measure);
  const cpu: Pair[] = [];
  const perSecond: Pair[] = [];
  for (let block = 0; block < blocks; block++) {
    const { agent, bare } = await abba(measure);
    cpu.push({ agent: mean(agent.map((one) => one.cpu)), bare: mean(bare.map((one) => one.cpu)) });
    perSecond.push({
      agent: mean(agent.map((one) => one.perSecond)),
      bare: mean(bare.map((one) => one.perSecond)),
    });
  }
  return { cpuMicros: compare(cpu), perSecond: compare(perSecond) };
}
