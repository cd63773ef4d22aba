import type { Case } from "../../suite/case.ts";
import { TOKEN } from "../../tools/agent.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal, sleep } from "../../tools/expect.ts";
import { open, received } from "../../tools/http.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  ...(["SIGTERM", "SIGINT"] as const).map((name): Case => ({
    name: `end with 0 on ${name}, soon`,
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      agent.signal(name);
      equal(await agent.ended(8), 0, "its exit code");
      equal(await agent.tryGet("/v1/health"), undefined, "what listens after the end");
    },
  })),
  {
    name: "finish a request that is under way",
    run: async (world) => {
      const value = "x".repeat(4_000_000);
      const { agent } = await servingOn(world, pack({ KEY: value }));
      const socket = await open(agent.port);
      socket.pause();
      socket.write(
        `GET /v1/secrets HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: close\r\n\r\n`,
      );
      await sleep(0.3);
      agent.signal("SIGTERM");
      await sleep(0.3);
      const answer = received(socket, 10_000);
      socket.resume();
      ensure((await answer).endsWith(`${value}"}`), "the answer was cut off");
      equal(await agent.ended(10), 0, "its exit code");
    },
  },
  {
    name: "end at once on a second signal",
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: "x".repeat(8_000_000) }));
      const socket = await open(agent.port);
      socket.on("error", () => undefined);
      socket.pause();
      // A client that never reads its answer keeps a stop waiting.
      socket.write(
        `GET /v1/secrets HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
      );
      await sleep(0.3);
      agent.signal("SIGTERM");
      await sleep(0.3);
      equal(agent.exit, undefined, "its end after one signal");
      agent.signal("SIGTERM");
      await agent.ended(1.5);
      socket.destroy();
    },
  },
];
