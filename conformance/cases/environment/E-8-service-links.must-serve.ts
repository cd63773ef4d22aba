import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { request } from "../../tools/http.ts";
import { TOKEN } from "../../tools/agent.ts";
import { eventually } from "../../tools/expect.ts";
import { servingOn } from "../../tools/verdict.ts";

const LINKS = {
  CLEF_AGENT_SERVICE_HOST: "10.0.0.1",
  CLEF_AGENT_SERVICE_PORT: "7779",
  CLEF_AGENT_SERVICE_PORT_HTTP: "7779",
  CLEF_AGENT_PORT_7779_TCP: "tcp://10.0.0.1:7779",
  CLEF_AGENT_PORT_7779_TCP_PROTO: "tcp",
  CLEF_AGENT_PORT_7779_TCP_PORT: "7779",
  CLEF_AGENT_PORT_7779_TCP_ADDR: "10.0.0.1",
};

export const cases: readonly Case[] = [
  {
    name: "in a pod beside a Service called clef-agent",
    run: async (world) => {
      await servingOn(world, pack({ KEY: secretValue() }), LINKS);
    },
  },
  {
    // This one is the default port, of which there is one on a machine.
    name: "on its default port where the link takes CLEF_AGENT_PORT",
    run: async (world) => {
      const origin = await world.origin(pack({ KEY: secretValue() }));
      const taken = await request(7779, "/v1/health").catch(() => undefined);
      if (taken !== undefined) return;
      const agent = await world.agent({
        ...LINKS,
        CLEF_AGENT_PORT: "tcp://10.0.0.1:7779",
        CLEF_AGENT_SOURCE: origin.url,
        CLEF_AGENT_AGE_KEY: AGE.identity,
      });
      const headers = { authorization: `Bearer ${TOKEN}` };
      await eventually("it serves on 7779", async () => {
        if (agent.exit !== undefined) throw new Error(`it ended: ${agent.stderr}`);
        const answer = await request(7779, "/v1/secrets", { headers }).catch(() => undefined);
        return answer?.status === 200;
      });
    },
  },
];
