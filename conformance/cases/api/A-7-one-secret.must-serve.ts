import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "a secret by its flat name, and by its bare key where that is one",
    run: async (world) => {
      const secrets = {
        TOP: secretValue(),
        app: { ONLY: secretValue(), BOTH: secretValue() },
        web: { BOTH: secretValue() },
      };
      const { agent } = await servingOn(world, pack(secrets));
      const found: Readonly<Record<string, string>> = {
        TOP: secrets.TOP,
        app__ONLY: secrets.app.ONLY,
        ONLY: secrets.app.ONLY,
        app__BOTH: secrets.app.BOTH,
        web__BOTH: secrets.web.BOTH,
      };
      for (const [name, value] of Object.entries(found)) {
        const answer = await agent.get(`/v1/secrets/${name}`);
        equal([answer.status, answer.body], [200, JSON.stringify({ value })], name);
      }
      const several = await agent.get("/v1/secrets/BOTH");
      equal(several.status, 409, "a key of two namespaces");
      for (const name of ["app__BOTH", "web__BOTH"])
        ensure(several.body.includes(name), `409 does not list ${name}`);
      for (const name of ["OTHER", "top", "app", "__proto__", "constructor", "toString"]) {
        const answer = await agent.get(`/v1/secrets/${name}`);
        equal([answer.status, answer.json("error")], [404, `Secret '${name}' not found`], name);
      }
    },
  },
  {
    name: "a secret whose name needs escapes in a path",
    run: async (world) => {
      const secrets = { "a/b": secretValue(), "c d?e": secretValue(), "ключ%2F": secretValue() };
      const { agent } = await servingOn(world, pack(secrets));
      for (const [name, value] of Object.entries(secrets)) {
        const answer = await agent.get(`/v1/secrets/${encodeURIComponent(name)}`);
        equal([answer.status, answer.body], [200, JSON.stringify({ value })], name);
      }
    },
  },
];
