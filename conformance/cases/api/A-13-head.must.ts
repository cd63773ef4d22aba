import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "answer HEAD as GET, without the body",
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue(), app: { KEY: "one" } }));
      for (const path of [
        "/v1/secrets",
        "/v1/secrets/app/KEY",
        "/v1/keys",
        "/v1/health",
        "/v1/ready",
        "/v1/secrets/NONE",
      ]) {
        const [got, head] = [await agent.get(path), await agent.get(path, { method: "HEAD" })];
        equal([head.status, head.body], [got.status, ""], path);
        for (const name of ["content-type", "content-length", "etag"]) {
          // The health tells the time.
          if (name === "content-length" && path === "/v1/health") continue;
          equal(head.headers.get(name), got.headers.get(name), `${name} of ${path}`);
        }
      }
    },
  },
];
