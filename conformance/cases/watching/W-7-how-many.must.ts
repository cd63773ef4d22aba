import type { Socket } from "node:net";
import type { Case } from "../../suite/case.ts";
import { type Agent, TOKEN } from "../../tools/agent.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, eventually } from "../../tools/expect.ts";
import { open } from "../../tools/http.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";
import { tagOf, wait } from "../../tools/waiting.ts";

const PLACES = 256;

async function waiter(agent: Agent, etag: string): Promise<Socket> {
  const socket = await open(agent.port);
  socket.on("error", () => undefined);
  const head = [
    "GET /v1/secrets HTTP/1.1",
    `Host: 127.0.0.1:${agent.port}`,
    `Authorization: Bearer ${TOKEN}`,
    `If-None-Match: ${etag}`,
    "Prefer: wait=200",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  return socket;
}

export const cases: readonly Case[] = [
  {
    name: "let 256 wait, refuse one more, and give the place of one that went away to another",
    needs: ["waiting"],
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      const etag = await tagOf(agent, "/v1/secrets");
      const waiters = await Promise.all(Array.from({ length: PLACES }, () => waiter(agent, etag)));
      world.after(() => {
        for (const socket of waiters) socket.destroy();
      });
      const refusal = await eventually("one more is refused", async () => {
        const answer = await wait(agent, "/v1/secrets", etag, 1);
        return answer.status === 429 ? answer : undefined;
      });
      ensure(Number(refusal.headers.get("retry-after")) > 0, "429 has no Retry-After");
      equal((await agent.get("/v1/secrets")).status, 200, "a request that does not wait");
      waiters[0]?.destroy();
      await eventually(
        "a place is free",
        async () => (await wait(agent, "/v1/secrets", etag, 1)).status === 304,
      );
    },
  },
];
