import type { Case } from "../../suite/case.ts";
import type { Agent } from "../../tools/agent.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

async function tags(
  agent: Agent,
): Promise<Readonly<Record<"same" | "changed" | "keys", string | undefined>>> {
  const tag = async (path: string): Promise<string | undefined> =>
    (await agent.get(path)).headers.get("etag");
  return {
    same: await tag("/v1/secrets/SAME"),
    changed: await tag("/v1/secrets/CHANGED"),
    keys: await tag("/v1/keys"),
  };
}

export const cases: readonly Case[] = [
  {
    name: "change the tag of one secret with its value alone, and that of the names with them alone",
    run: async (world) => {
      const SAME = secretValue();
      const started = await servingOn(world, pack({ SAME, CHANGED: secretValue() }));
      const before = await tags(started.agent);
      const next = { SAME, CHANGED: secretValue() };
      await hold(started, pack(next));
      await started.agent.serves(next);
      const after = await tags(started.agent);
      equal([after.same, after.keys], [before.same, before.keys], "what did not change");
      equal(after.changed === before.changed, false, "whether another value has the same tag");
      await hold(started, pack({ ...next, NEW: "one" }));
      await started.agent.serves({ ...next, NEW: "one" });
      const last = await tags(started.agent);
      equal([last.same, last.changed], [after.same, after.changed], "the tags of values");
      equal(last.keys === after.keys, false, "whether other names have the same tag");
    },
  },
  {
    name: "change every tag with the revision in just-in-time mode",
    needs: ["jit"],
    run: async (world) => {
      const secrets = { SAME: secretValue(), CHANGED: secretValue() };
      const started = await servingOn(world, pack(secrets), { CLEF_AGENT_CACHE_TTL: "0" });
      const before = await tags(started.agent);
      const next = pack(secrets);
      await hold(started, next);
      await started.agent.logged(String(next["revision"]));
      const after = await tags(started.agent);
      for (const name of ["same", "changed", "keys"] as const) {
        equal(after[name] === before[name], false, `whether the tag of ${name} stayed`);
      }
    },
  },
];
