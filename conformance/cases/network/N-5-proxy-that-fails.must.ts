import type { Case } from "../../suite/case.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { AGE } from "../../tools/keys.ts";
import { freePort } from "../../tools/ports.ts";

export const cases: readonly Case[] = [
  {
    name: "name the proxy where it is the proxy that cannot be reached, without its password",
    needs: ["proxy"],
    run: async (world) => {
      const port = await freePort();
      const agent = await world.agent({
        CLEF_AGENT_SOURCE: "https://a.example.test/x",
        CLEF_AGENT_AGE_KEY: AGE.identity,
        CLEF_AGENT_STARTUP_TIMEOUT: "1",
        HTTPS_PROXY: `http://user:hidden-word@127.0.0.1:${port}`,
      });
      equal(await agent.ended(), 1, "the exit code");
      ensure(
        agent.stderr.includes("HTTPS_PROXY") && agent.stderr.includes(String(port)),
        "the log does not name the proxy",
      );
      ensure(!agent.stderr.includes("hidden-word"), "the log has the password");
    },
  },
];
