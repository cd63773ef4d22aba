import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { SECRETS_PATHS } from "../../tools/paths.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "give every answer with a token an ETag, and 304 to whoever has it",
    run: async (world) => {
      const { agent } = await servingOn(
        world,
        pack({ KEY: secretValue(), app: { OTHER: "x", KEY: "y" } }),
      );
      for (const path of SECRETS_PATHS) {
        const etag = (await agent.get(path)).headers.get("etag");
        ensure(/^"[^"]+"$/.test(etag ?? ""), `the ETag of ${path} is ${etag}`);
        for (const match of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
          const again = await agent.get(path, { headers: { "if-none-match": match } });
          equal([again.status, again.body], [304, ""], `${path} with If-None-Match: ${match}`);
        }
        const other = await agent.get(path, { headers: { "if-none-match": '"other"' } });
        equal(other.status, 200, `${path} with another tag`);
      }
    },
  },
  {
    name: "change the tag of all secrets with the revision",
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const started = await servingOn(world, pack(secrets));
      const { agent } = started;
      const etag = (await agent.get("/v1/secrets")).headers.get("etag");
      const before = (await agent.get("/v1/health")).json("revision");
      const next = pack(secrets);
      ensure(next["revision"] !== before, "the revisions are one");
      await hold(started, next);
      await agent.logged(String(next["revision"]));
      const answer = await agent.get("/v1/secrets", { headers: { "if-none-match": etag } });
      equal(answer.status, 200, "the same secrets in another revision");
    },
  },
];
