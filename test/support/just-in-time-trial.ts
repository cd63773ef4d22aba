import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import {
  LONGEST,
  readEverything,
  secretsWith,
  startTrial,
  type TrialKms,
  type TrialSource,
} from "./memory-trial.ts";
import { stuckClient } from "./stuck-client.ts";

/** More than the sockets between the agent and a client who does not read can take. */
const BULK_PARTS = 700_000;

/**
 * Just-in-time mode: counts what of the secrets is in a core dump while an answer is being sent, when its
 * client is gone, and between requests: after every secret was read so many times in every form, and after
 * a long one was read alone.
 */
export async function justInTimeTrial(
  t: TestContext,
  { source, kms, rounds }: JustInTimeTrial,
): Promise<void> {
  const secretsOf = (marker: string): unknown => ({ BULK: marker.repeat(BULK_PARTS) });
  const plan = { source, secretsOf, cacheTtl: "0", kms };
  const { agent, marker, dump, replace } = await startTrial(t, plan);
  const stuck = await stuckClient(await agent.port(), ["/v1/secrets"]);
  const sending = await dump("an answer is being sent");
  assert.ok(sending >= BULK_PARTS, "what is there is found");
  stuck.destroy();
  // By the time this is answered the agent has seen the other one go.
  await agent.get("/v1/health");
  assert.equal(await dump("its client is gone"), 0);

  await replace(secretsWith(marker));
  for (let round = 0; round < rounds; round++) await readEverything(agent);
  assert.equal(await dump(`between requests, after ${rounds} rounds`), 0);
  // What the processor's vector registers hold depends on what went through them last.
  assert.equal((await agent.get(`/v1/secrets/${LONGEST}`)).status, 200);
  assert.equal(await dump("between requests, after one of a long value"), 0);
  await agent.stop();
}

export interface JustInTimeTrial {
  readonly source: TrialSource;
  readonly kms?: TrialKms;
  readonly rounds: number;
}
