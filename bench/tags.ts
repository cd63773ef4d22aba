/** What entity tags cost a request, beside the same handler with a tag that is there already. */
import { EntityTags } from "../src/server/entity-tags.ts";
import { answer } from "../src/server/secrets-answer.ts";
import { readRequest } from "../src/server/request.ts";
import { parseRoute, type SecretsRoute } from "../src/server/route.ts";
import { NO_READER, Snapshot } from "../src/store/snapshot.ts";
import { abba, compare, type Comparison, mean, type Pair } from "./stats.ts";
import { secretName } from "./workspace.ts";

/** Gives one tag and looks at nothing. */
class NoTags extends EntityTags {
  override ofSecrets(): string {
    return '"tag"';
  }

  override ofSecret(): string {
    return '"tag"';
  }
}

/** CPU of one answer by its function alone, in microseconds, in cached mode. */
export async function measureTags(
  target: string,
  plan: { readonly answers: number; readonly blocks: number },
): Promise<Comparison> {
  const payload = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [secretName(index), `value-of-setting-${index}`]),
  );
  const route = parseRoute(target);
  if (typeof route === "string" || !isSecretsRoute(route)) throw new Error(`${target} has no tag`);
  const request = readRequest("GET", target, ["If-None-Match", '"another"']);
  const blocks: Pair[] = [];
  const sides = { agent: new EntityTags("cached"), bare: new NoTags("cached") };
  for (let block = 0; block < plan.blocks; block++) {
    const { agent, bare } = await abba((side) => {
      const snapshot = new Snapshot("1-a", "00", Buffer.from(JSON.stringify(payload)));
      const tags = sides[side];
      const from = process.cpuUsage();
      for (let index = 0; index < plan.answers; index++) {
        answer(snapshot, route, request, tags).lease?.release(NO_READER);
      }
      const { user, system } = process.cpuUsage(from);
      return Promise.resolve((user + system) / plan.answers);
    });
    blocks.push({ agent: mean(agent), bare: mean(bare) });
  }
  return compare(blocks);
}

function isSecretsRoute(route: { readonly kind: string }): route is SecretsRoute {
  return ["secrets", "secret", "namespaced", "keys"].includes(route.kind);
}
