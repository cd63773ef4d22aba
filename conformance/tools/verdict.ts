import type { Capability, Case } from "../suite/case.ts";
import type { World } from "../suite/world.ts";
import { type Agent, type Environment, hasWord } from "./agent.ts";
import { type Artifact, pack } from "./artifact.ts";
import { ensure, equal, eventually, sleep } from "./expect.ts";
import { AGE, ED25519 } from "./keys.ts";
import type { Origin } from "./origin.ts";

/** What an origin can hold. */
type Body = Artifact | string | Buffer;

/** An agent, and the origin that it asks. */
export interface Started {
  readonly agent: Agent;
  readonly origin: Origin;
}

/** What is at the origin, and how the agent is configured beside the origin's address and an age key. */
export interface Given {
  readonly artifact: Body;
  readonly env?: Environment;
}

export interface Served extends Given {
  /** What /v1/secrets must give, names in this order. */
  readonly secrets: object;
}

/** An agent that is started on this is ready, and serves these secrets. */
export function served(name: string, make: () => Served, needs?: readonly Capability[]): Case {
  return {
    name,
    ...(needs && { needs }),
    run: async (world) => {
      const { artifact, env, secrets } = make();
      const { agent } = await startOn(world, artifact, env);
      await agent.ready();
      equal(JSON.stringify(await agent.secrets()), JSON.stringify(secrets), "what is served");
    },
  };
}

/** An agent that is started on this logs this reason, and serves nothing of it, before and after. */
export function refused(
  name: string,
  reason: string,
  make: () => Given,
  needs?: readonly Capability[],
): Case {
  return {
    name,
    ...(needs && { needs }),
    run: async (world) => {
      const { artifact, env } = make();
      // It never gives up, so that a slow machine does not end it before it has looked.
      const { agent } = await startOn(world, artifact, { CLEF_AGENT_STARTUP_TIMEOUT: "0", ...env });
      await eventually(`the log says ${reason}, while nothing is served`, async () => {
        const isRefused = hasWord(agent.stderr, reason);
        await servesNothing(agent);
        return isRefused;
      });
      await sleep(0.2);
      await servesNothing(agent);
      equal((await agent.get("/v1/ready")).status, 503, "the status of /v1/ready");
    },
  };
}

async function servesNothing(agent: Agent): Promise<void> {
  equal(agent.exit, undefined, "its end");
  for (const path of ["/v1/ready", "/v1/secrets", "/v1/keys"]) {
    const answer = await agent.tryGet(path);
    ensure(answer === undefined || answer.status === 503, `${path} was ${answer?.status}`);
  }
}

/** An agent with an age key, on an origin that holds this. */
export async function startOn(
  world: World,
  artifact: Body,
  env: Environment = {},
): Promise<Started> {
  const origin = await world.origin(artifact);
  const agent = await world.agent({
    CLEF_AGENT_SOURCE: origin.url,
    CLEF_AGENT_AGE_KEY: AGE.identity,
    ...env,
  });
  return { agent, origin };
}

/** The same, once it serves what is there. */
export async function servingOn(
  world: World,
  artifact: Body,
  env: Environment = {},
): Promise<Started> {
  const started = await startOn(world, artifact, env);
  await started.agent.ready();
  return started;
}

/** Puts this at the origin, and has the agent look at it at once. */
export async function hold({ agent, origin }: Started, artifact: Body): Promise<void> {
  origin.put(artifact);
  agent.signal("SIGHUP");
  await origin.askedAgain();
}

/** The same with something that is refused for this reason; what was served before is served after. */
export async function holdRefused(started: Started, artifact: Body, reason: string): Promise<void> {
  const { agent } = started;
  const before = await agent.secrets();
  const logged = agent.stderr.length;
  await hold(started, artifact);
  await eventually(`the log says ${reason}`, () => hasWord(agent.stderr.slice(logged), reason));
  equal(await agent.secrets(), before, `what is served after ${reason}`);
}

/** An agent that serves secrets which expire that many seconds from now; how long it took to start does not matter. */
export async function expiring(
  world: World,
  secrets: object,
  seconds: number,
  env: Environment = {},
): Promise<Started & { readonly expiresAt: Date; readonly artifact: Artifact }> {
  const started = await servingOn(
    world,
    pack({ ...secrets, FIRST: "" }, { signWith: ED25519 }),
    env,
  );
  const expiresAt = new Date(Date.now() + seconds * 1000);
  const artifact = pack(secrets, { expiresAt, signWith: ED25519 });
  await hold(started, artifact);
  await started.agent.serves(secrets);
  return { ...started, expiresAt, artifact };
}
