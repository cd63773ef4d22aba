/** What opening an artifact costs, the agent's way and OpenSSL's way. */
import { ageDecrypter } from "../src/decrypt/age.ts";
import { parseAgeIdentities } from "../src/keys/age-identities.ts";
import { opensslDecrypter } from "./openssl-age.ts";
import { abba, compare, type Comparison, mean, type Pair } from "./stats.ts";
import { TWENTY, type Workspace } from "./workspace.ts";

export interface Decrypts {
  readonly cpuMicros: Comparison;
  readonly perSecond: Comparison;
}

export async function measureDecrypts(
  workspace: Workspace,
  plan: { readonly decryptsPerRound: number; readonly blocks: number },
): Promise<Decrypts> {
  const { ciphertext } = JSON.parse(await workspace.artifact(TWENTY.keys)) as {
    ciphertext: string;
  };
  const file = Buffer.from(ciphertext, "base64");
  const openssl = opensslDecrypter(workspace.identity);
  const decrypt = { agent: ageDecrypter(parseAgeIdentities(workspace.identity)), bare: openssl };
  if (!(await decrypt.agent(file)).equals(openssl(file))) throw new Error("the plaintexts differ");

  const measure = async (side: keyof Pair): Promise<{ cpu: number; perSecond: number }> => {
    const before = process.cpuUsage();
    const started = performance.now();
    for (let index = 0; index < plan.decryptsPerRound; index++) await decrypt[side](file);
    const wallMs = performance.now() - started;
    const { user, system } = process.cpuUsage(before);
    return {
      cpu: (user + system) / plan.decryptsPerRound,
      perSecond: (plan.decryptsPerRound / wallMs) * 1000,
    };
  };
  await abba(measure);
  const cpu: Pair[] = [];
  const perSecond: Pair[] = [];
  for (let block = 0; block < plan.blocks; block++) {
    const { agent, bare } = await abba(measure);
    cpu.push({ agent: mean(agent.map((one) => one.cpu)), bare: mean(bare.map((one) => one.cpu)) });
    perSecond.push({
      agent: mean(agent.map((one) => one.perSecond)),
      bare: mean(bare.map((one) => one.perSecond)),
    });
  }
  return { cpuMicros: compare(cpu), perSecond: compare(perSecond) };
}
