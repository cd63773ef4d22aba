import type { Case } from "../../suite/case.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { SECRETS_PATHS } from "../../tools/paths.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn, startOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "anything after a revocation by any path, no 304 either, until there is a newer artifact",
    run: async (world) => {
      const value = secretValue();
      const started = await servingOn(world, pack({ KEY: value, app: { KEY: value } }));
      const { agent, origin } = started;
      const tags = new Map<string, string | undefined>();
      for (const path of SECRETS_PATHS) tags.set(path, (await agent.get(path)).headers.get("etag"));
      await hold(started, marker());
      await agent.refuses("revoked");
      for (const [path, etag] of tags) {
        for (const headers of [{}, { "if-none-match": etag }]) {
          const answer = await agent.get(path, { headers });
          equal([answer.status, answer.json("error")], [503, "Artifact revoked"], path);
        }
      }
      origin.hangUp();
      agent.signal("SIGHUP");
      await origin.askedAgain();
      equal((await agent.get("/v1/secrets")).status, 503, "the status without an origin");
      origin.behaviour = undefined;
      const next = { KEY: secretValue() };
      await hold(started, pack(next));
      await agent.serves(next);
    },
  },
  {
    name: "anything where a marker is all that it finds, from the start",
    run: async (world) => {
      const { agent } = await startOn(world, marker(), { CLEF_AGENT_STARTUP_TIMEOUT: "0" });
      await agent.refuses("revoked");
      ensure((await agent.get("/v1/secrets")).status === 503, "it serves something");
    },
  },
];
