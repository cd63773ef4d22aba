import type { Case } from "../../suite/case.ts";
import { refusedConfiguration } from "../../tools/configured.ts";
import { AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { givingProxy } from "../../tools/secure-origin.ts";

export const cases: readonly Case[] = [
  {
    name: "take a proxy without a scheme for http",
    needs: ["proxy"],
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const { proxy } = await givingProxy(world, secrets);
      const env = {
        CLEF_AGENT_SOURCE: "http://a.example.test/x",
        CLEF_AGENT_AGE_KEY: AGE.identity,
      };
      await (await world.agent({ ...env, HTTP_PROXY: `127.0.0.1:${proxy.port}` })).serves(secrets);
    },
  },
  ...[
    "socks5://user:hidden-word@127.0.0.1:1080",
    "ftp://hidden-word.example.test",
    "http://hidden-word:x:y@:z",
  ].map((value): Case =>
    refusedConfiguration(
      `${value.slice(0, 6)}… as a proxy`,
      () => ({ HTTPS_PROXY: value }),
      ["HTTPS_PROXY"],
      ["hidden-word"],
      ["proxy"],
    ),
  ),
];
