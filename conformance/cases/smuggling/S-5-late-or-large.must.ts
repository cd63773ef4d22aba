import type { Case } from "../../suite/case.ts";
import { TOKEN } from "../../tools/agent.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { exchange, open } from "../../tools/http.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn } from "../../tools/verdict.ts";

export const cases: readonly Case[] = [
  {
    name: "refuse a head that is too large, with and without a token",
    run: async (world) => {
      const value = secretValue();
      const { agent } = await servingOn(world, pack({ KEY: value }));
      const host = `Host: 127.0.0.1:${agent.port}\r\nAuthorization: Bearer ${TOKEN}\r\n`;
      const LARGE = {
        "one header": `GET /v1/secrets HTTP/1.1\r\n${host}X: ${"a".repeat(300_000)}\r\n\r\n`,
        "many headers": `GET /v1/secrets HTTP/1.1\r\n${host}${"X: a\r\n".repeat(50_000)}\r\n`,
        "a path": `GET /v1/secrets/${"a".repeat(300_000)} HTTP/1.1\r\n${host}\r\n`,
      };
      for (const [name, bytes] of Object.entries(LARGE)) {
        const answer = await exchange(agent.port, bytes, undefined, 10_000);
        ensure(!answer.includes(value), `${name} gets the secret`);
        ensure(answer === "" || answer.startsWith("HTTP/1.1 4"), `${name}: ${answer.slice(0, 60)}`);
      }
      equal((await agent.get("/v1/secrets")).status, 200, "the status of a good request");
    },
  },
  {
    name: "answer others while somebody sends nothing, or half of a request, on many connections",
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      const sockets = await Promise.all(
        Array.from({ length: 100 }, async (_none, at) => {
          const socket = await open(agent.port);
          socket.on("error", () => undefined);
          if (at % 2 === 0) socket.write("GET /v1/secrets HTTP/1.1\r\nHost: 127.0.0.1");
          return socket;
        }),
      );
      try {
        const started = performance.now();
        for (let n = 0; n < 10; n++)
          equal((await agent.get("/v1/secrets")).status, 200, "the status");
        ensure(performance.now() - started < 10_000, "ten answers took more than 10 s");
      } finally {
        for (const socket of sockets) socket.destroy();
      }
    },
  },
];
