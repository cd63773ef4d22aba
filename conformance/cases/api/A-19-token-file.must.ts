import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, eventually } from "../../tools/expect.ts";
import { rememberSecret, secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "take the token of a file, and the next one when the file changes",
    run: async (world) => {
      const file = path.join(await world.directory(), "token");
      const tokens = [secretValue(), secretValue()] as const;
      await writeFile(file, `${tokens[0]}\n`, { mode: 0o600 });
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_TOKEN_FILE: file,
      });
      const status = async (token: string): Promise<number> =>
        (await agent.get("/v1/secrets", { headers: { authorization: `Bearer ${token}` } })).status;
      equal([await status(tokens[0]), await status(tokens[1])], [200, 401], "the first token");
      await writeFile(file, tokens[1]);
      await eventually("the next token is taken", async () => (await status(tokens[1])) === 200);
      equal(await status(tokens[0]), 401, "the token of before");
    },
  },
  {
    name: "write the token that it made where there is no file, for itself alone",
    run: async (world) => {
      const file = path.join(await world.directory(), "token");
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_TOKEN_FILE: file,
      });
      const token = rememberSecret((await readFile(file, "utf8")).trim());
      ensure(token.length >= 20, `the token has ${token.length} characters`);
      equal((await stat(file)).mode & 0o777, 0o600, "its mode");
      const headers = { authorization: `Bearer ${token}` };
      equal((await agent.get("/v1/secrets", { headers })).status, 200, "the status");
    },
  },
];
