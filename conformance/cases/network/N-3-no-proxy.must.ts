import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { givingProxy } from "../../tools/secure-origin.ts";

/** NO_PROXY, a host, and whether it is asked without the proxy. */
const LISTS = [
  ["example.test", "example.test", true],
  ["example.test", "a.example.test", true],
  [".example.test", "a.example.test", true],
  ["*.example.test", "a.example.test", true],
  ["EXAMPLE.test", "a.example.test", true],
  ["ample.test", "example.test", false],
  ["other.test", "a.example.test", false],
  ["*", "a.example.test", true],
  ["other.test, example.test", "a.example.test", true],
  ["other.test example.test", "a.example.test", true],
  ["example.test:80", "a.example.test", true],
  ["example.test:8080", "a.example.test", false],
  ["192.0.2.7", "192.0.2.7", true],
  ["192.0.2.0/24", "192.0.2.7", true],
  ["192.0.2.0/29", "192.0.2.9", false],
  ["198.51.100.0/24", "192.0.2.7", false],
] as const;

export const cases: readonly Case[] = LISTS.map(([list, host, isDirect]): Case => ({
  name: `ask ${host} ${isDirect ? "without" : "by"} the proxy with NO_PROXY=${list}`,
  needs: ["proxy"],
  run: async (world) => {
    const secrets = { KEY: secretValue() };
    const { proxy } = await givingProxy(world, secrets);
    const agent = await world.agent({
      CLEF_AGENT_SOURCE: `http://${host}/x`,
      CLEF_AGENT_AGE_KEY: AGE.identity,
      CLEF_AGENT_STARTUP_TIMEOUT: "2",
      HTTP_PROXY: proxy.url,
      NO_PROXY: list,
    });
    if (!isDirect) {
      await agent.serves(secrets);
      return;
    }
    // Nobody is there, or nobody who could be asked: what counts is that the proxy was not.
    equal(await agent.ended(), 1, "the exit code");
    equal(proxy.asked, [], "what the proxy was asked for");
  },
}));
