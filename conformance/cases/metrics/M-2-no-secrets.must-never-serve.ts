import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { request } from "../../tools/http.ts";
import { freePort } from "../../tools/ports.ts";
import { secretTexts, secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "a secret or the name of one in metrics",
    needs: ["probe", "metrics"],
    run: async (world) => {
      const port = await freePort();
      const secrets = {
        VERY_ODD_NAME: secretValue(),
        odd_space: { OTHER_ODD_NAME: secretValue() },
      };
      const { agent } = await servingOn(world, pack(secrets), {
        CLEF_AGENT_PROBE_LISTEN: `127.0.0.1:${port}`,
      });
      for (const path of [
        "/v1/secrets/VERY_ODD_NAME",
        "/v1/secrets/odd_space/OTHER_ODD_NAME",
        "/v1/secrets/NO_ODD_NAME",
      ]) {
        await agent.get(path);
      }
      const answer = await request(port, "/metrics");
      equal(answer.status, 200, "the status");
      for (const text of [...secretTexts(), "ODD_NAME", "odd_space"])
        ensure(!answer.body.includes(text), `it has ${text}`);
    },
  },
];
