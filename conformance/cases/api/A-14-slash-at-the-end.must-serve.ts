import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

const PATHS = [
  "/v1/secrets",
  "/v1/secrets/app__KEY",
  "/v1/secrets/app/KEY",
  "/v1/keys",
  "/v1/ready",
];

export const cases: readonly Case[] = [
  {
    name: "the same with a slash at the end of the path",
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ app: { KEY: secretValue() } }));
      for (const path of PATHS) {
        const [plain, slash] = [await agent.get(path), await agent.get(`${path}/`)];
        equal([slash.status, slash.body], [plain.status, plain.body], `${path}/`);
        equal(plain.status, 200, path);
      }
      const flat = await agent.get("/v1/secrets/?format=flat");
      equal(flat.status, 200, "a slash before a query");
    },
  },
];
