import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { givingProxy } from "../../tools/secure-origin.ts";

export const cases: readonly Case[] = ["127.0.0.1", "localhost"].map((host): Case => ({
  name: `ask ${host} without the proxy`,
  needs: ["proxy"],
  run: async (world) => {
    const { proxy } = await givingProxy(world, { KEY: "of the proxy" });
    const secrets = { KEY: secretValue() };
    const origin = await world.origin(pack(secrets));
    const env = {
      CLEF_AGENT_SOURCE: `http://${host}:${origin.port}/x`,
      CLEF_AGENT_AGE_KEY: AGE.identity,
    };
    await (
      await world.agent({ ...env, HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url })
    ).serves(secrets);
    equal(proxy.asked, [], "what the proxy was asked for");
  },
}));
