import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { AGE } from "../../tools/keys.ts";
import { freePort } from "../../tools/ports.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { givingProxy } from "../../tools/secure-origin.ts";

const VARIABLES = [
  ["HTTP_PROXY", "http", "http://a.example.test/x"],
  ["http_proxy", "http", "http://a.example.test/x"],
  ["HTTPS_PROXY", "https", "a.example.test:443"],
  ["https_proxy", "https", "a.example.test:443"],
] as const;

export const cases: readonly Case[] = [
  ...VARIABLES.map(([variable, scheme, asked]): Case => ({
    name: `what is behind the proxy in ${variable}`,
    needs: ["proxy", "tls"],
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const { proxy, ca } = await givingProxy(world, secrets);
      const agent = await world.agent({
        CLEF_AGENT_SOURCE: `${scheme}://a.example.test/x`,
        CLEF_AGENT_AGE_KEY: AGE.identity,
        CLEF_AGENT_CA_FILE: ca,
        [variable]: proxy.url,
      });
      await agent.serves(secrets);
      equal(proxy.asked[0], asked, "what the proxy was asked for");
    },
  })),
  {
    name: "what is behind the proxy in lower case, where both are set",
    needs: ["proxy"],
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const { proxy } = await givingProxy(world, secrets);
      const agent = await world.agent({
        CLEF_AGENT_SOURCE: "http://a.example.test/x",
        CLEF_AGENT_AGE_KEY: AGE.identity,
        HTTP_PROXY: `http://127.0.0.1:${await freePort()}`,
        http_proxy: proxy.url,
      });
      await agent.serves(secrets);
    },
  },
];
