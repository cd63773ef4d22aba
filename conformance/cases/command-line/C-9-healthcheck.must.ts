import type { Case } from "../../suite/case.ts";
import { marker, pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { freePort } from "../../tools/ports.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "tell by its exit code whether an agent is alive and ready",
    needs: ["commands"],
    run: async (world) => {
      const started = await servingOn(world, pack({ KEY: secretValue() }));
      const check = async (what: "live" | "ready", port: number): Promise<unknown> =>
        (await world.agent({ CLEF_AGENT_PORT: String(port) }, ["healthcheck", what])).ended();
      const { port } = started.agent;
      equal([await check("live", port), await check("ready", port)], [0, 0], "while it serves");
      await hold(started, marker());
      await started.agent.refuses("revoked");
      equal([await check("live", port), await check("ready", port)], [0, 1], "after a revocation");
      const nobody = await freePort();
      equal(
        [await check("live", nobody), await check("ready", nobody)],
        [1, 1],
        "where nobody listens",
      );
    },
  },
];
