import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { TOKEN } from "../../tools/agent.ts";
import { request } from "../../tools/http.ts";
import { freePort } from "../../tools/ports.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "secrets on the probe listener, which answers probes by any name",
    needs: ["probe"],
    run: async (world) => {
      const port = await freePort();
      const value = secretValue();
      await servingOn(world, pack({ KEY: value }), {
        CLEF_AGENT_PROBE_LISTEN: `127.0.0.1:${port}`,
      });
      const headers = { authorization: `Bearer ${TOKEN}`, host: "10.1.2.3:7780" };
      for (const path of [
        "/v1/secrets",
        "/v1/secrets/KEY",
        "/v1/keys",
        "/v1/refresh",
        "/v1/secrets?format=flat",
      ]) {
        const answer = await request(port, path, { headers });
        equal(answer.status, 404, path);
        ensure(!answer.body.includes(value), `${path} gives the secret`);
      }
      equal((await request(port, "/v1/health", { headers })).status, 200, "/v1/health");
      equal((await request(port, "/v1/ready", { headers })).status, 200, "/v1/ready");
    },
  },
];
