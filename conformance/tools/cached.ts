import path from "node:path";
import type { World } from "../suite/world.ts";
import type { Environment } from "./agent.ts";
import type { Artifact } from "./artifact.ts";
import { equal } from "./expect.ts";
import { servingOn, type Started } from "./verdict.ts";

export interface Cached extends Started {
  readonly cache: string;
  readonly env: Environment;
}

/** An agent with a disk cache that serves this. */
export async function cached(
  world: World,
  artifact: Artifact,
  more: Environment = {},
): Promise<Cached> {
  const cache = path.join(await world.directory(), "cache");
  const started = await servingOn(world, artifact, { CLEF_AGENT_CACHE_PATH: cache, ...more });
  return { ...started, cache, env: { CLEF_AGENT_CACHE_PATH: cache, ...more } };
}

/** Ends it as a stop does. */
export async function stopped({ agent }: Started): Promise<void> {
  agent.signal("SIGTERM");
  equal(await agent.ended(), 0, "its exit code");
}
