import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "give the same artifact other tags in another process",
    run: async (world) => {
      const artifact = pack({ KEY: secretValue() });
      const [one, other] = [await servingOn(world, artifact), await servingOn(world, artifact)];
      for (const path of ["/v1/secrets", "/v1/secrets/KEY", "/v1/keys"]) {
        const [a, b] = [await one.agent.get(path), await other.agent.get(path)];
        equal(
          a.headers.get("etag") === b.headers.get("etag"),
          false,
          `whether the tags of ${path} are one`,
        );
      }
    },
  },
];
