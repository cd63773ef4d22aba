import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal, eventually } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { hold, servingOn } from "../../tools/verdict.ts";
import { wait } from "../../tools/waiting.ts";

export const cases: readonly Case[] = [
  {
    name: "a request whose token was rotated away while it waited",
    needs: ["waiting"],
    run: async (world) => {
      const file = path.join(await world.directory(), "token");
      const [old, next] = [secretValue(), secretValue()];
      await writeFile(file, old, { mode: 0o600 });
      const started = await servingOn(world, pack({ KEY: secretValue() }), {
        CLEF_AGENT_TOKEN_FILE: file,
      });
      const { agent } = started;
      const status = async (token: string): Promise<number> =>
        (await agent.get("/v1/keys", { headers: { authorization: `Bearer ${token}` } })).status;
      const authorization = `Bearer ${old}`;
      const { headers } = await agent.get("/v1/secrets", { headers: { authorization } });
      const waiting = wait(agent, "/v1/secrets", headers.get("etag") ?? "", 100, { authorization });
      await writeFile(file, next);
      await eventually("the next token is taken", async () => (await status(next)) === 200);
      await hold(started, pack({ KEY: secretValue() }));
      equal((await waiting).status, 401, "the status");
    },
  },
];
