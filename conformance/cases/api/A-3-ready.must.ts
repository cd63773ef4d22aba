import type { Case } from "../../suite/case.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

const anybody = { headers: { authorization: undefined } };

export const cases: readonly Case[] = [
  {
    name: "tell anybody that it is ready, and why it is not any more",
    run: async (world) => {
      const started = await servingOn(world, pack({ KEY: secretValue() }));
      const ready = await started.agent.get("/v1/ready", anybody);
      equal([ready.status, JSON.parse(ready.body)], [200, { ready: true }], "/v1/ready");
      await hold(started, marker());
      await started.agent.refuses("revoked");
      const revoked = await started.agent.get("/v1/ready", anybody);
      equal(
        JSON.parse(revoked.body),
        { ready: false, reason: "revoked" },
        "/v1/ready after a revocation",
      );
    },
  },
];
