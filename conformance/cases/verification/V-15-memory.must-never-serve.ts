import path from "node:path";
import type { Case } from "../../suite/case.ts";
import type { World } from "../../suite/world.ts";
import { type Artifact, marker, pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn, startOn } from "../../tools/verdict.ts";

const signWith = ED25519;

/** Serves the first artifact, holds the second and ends; then starts on the third. */
async function restarted(
  world: World,
  first: Artifact,
  then: Artifact | undefined,
  last: Artifact,
): Promise<void> {
  const CLEF_AGENT_CACHE_PATH = path.join(await world.directory(), "cache");
  const env = { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey, CLEF_AGENT_CACHE_PATH };
  const started = await servingOn(world, first, env);
  const { agent, origin } = started;
  if (then !== undefined) {
    await hold(started, then);
    await agent.refuses("revoked");
  }
  agent.signal("SIGTERM");
  equal(await agent.ended(), 0, "its exit code");
  origin.put(last);
  const { agent: next } = await startOn(world, last, { ...env, CLEF_AGENT_SOURCE: origin.url });
  await next.logged("rollback");
  const answer = await next.get("/v1/secrets");
  // What the cache holds may be served; what is refused may not.
  if (answer.status === 200) equal(then, undefined, "the marker before the end");
  else equal(answer.status, 503, "the status of /v1/secrets");
  if (answer.status === 200) {
    equal((await next.get("/v1/health")).json("revision"), first["revision"], "the revision");
  }
}

export const cases: readonly Case[] = [
  {
    name: "an older artifact after a restart",
    needs: ["cache"],
    run: async (world) => {
      const older = pack({ KEY: secretValue() }, { signWith });
      await restarted(world, pack({ KEY: secretValue() }, { signWith }), undefined, older);
    },
  },
  {
    name: "a revoked revision after a restart",
    needs: ["cache"],
    run: async (world) => {
      const artifact = pack({ KEY: secretValue() }, { signWith });
      await restarted(world, artifact, marker(), artifact);
    },
  },
];
