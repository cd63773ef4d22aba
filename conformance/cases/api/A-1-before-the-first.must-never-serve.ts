import { networkInterfaces } from "node:os";
import type { Case } from "../../suite/case.ts";
import { pack } from "../../tools/artifact.ts";
import { equal } from "../../tools/expect.ts";
import { open } from "../../tools/http.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { servingOn, startOn } from "../../tools/verdict.ts";

/** Addresses of this machine that others can reach. */
function otherAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map((one) => one.address);
}

export const cases: readonly Case[] = [
  {
    name: "anything before the first fetch is over, and listen meanwhile",
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const { agent, origin } = await startOn(world, pack(secrets));
      const held: (() => void)[] = [];
      origin.behaviour = (request, response) =>
        void held.push(() => origin.answer(request, response));
      await agent.listens();
      const ready = await agent.get("/v1/ready");
      equal(
        [ready.status, JSON.parse(ready.body)],
        [503, { ready: false, reason: "not_loaded" }],
        "/v1/ready",
      );
      for (const path of ["/v1/secrets", "/v1/secrets/KEY", "/v1/keys"]) {
        const answer = await agent.get(path);
        equal([answer.status, answer.json("error")], [503, "Secrets not yet loaded"], path);
      }
      const health = await agent.get("/v1/health");
      equal(
        [health.status, health.json("revision"), health.json("lastRefreshAt")],
        [200, null, null],
        "health",
      );
      origin.behaviour = undefined;
      for (const answer of held) answer();
      await agent.serves(secrets);
    },
  },
  {
    name: "on any address but 127.0.0.1",
    run: async (world) => {
      const { agent } = await servingOn(world, pack({ KEY: secretValue() }));
      for (const address of otherAddresses()) {
        const connected = await open(agent.port, address).then(
          (socket) => {
            socket.destroy();
            return true;
          },
          () => false,
        );
        equal(connected, false, `whether ${address} takes a connection`);
      }
    },
  },
];
