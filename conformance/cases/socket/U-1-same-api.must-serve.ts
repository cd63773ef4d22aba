import type { Case } from "../../suite/case.ts";
import { refusedConfiguration } from "../../tools/configured.ts";
import { equal } from "../../tools/expect.ts";
import { request } from "../../tools/http.ts";
import { freePort } from "../../tools/ports.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { ask, onSocket, readyOn } from "../../tools/socket.ts";

export const cases: readonly Case[] = [
  {
    name: "the API on a socket, and on no port with none",
    needs: ["socket"],
    run: async (world) => {
      const secrets = { KEY: secretValue(), app: { KEY: "x" } };
      const listening = await onSocket(world, secrets);
      await readyOn(listening);
      const { agent, socket } = listening;
      equal(JSON.parse((await ask(socket, "/v1/secrets", "Host: x")).body), secrets, "the secrets");
      equal(
        (await ask(socket, "/v1/secrets/app/KEY", "Host: x")).json("value"),
        "x",
        "one of them",
      );
      equal((await ask(socket, "/v1/none", "Host: x")).status, 404, "a path that leads nowhere");
      equal(await agent.tryGet("/v1/health"), undefined, "what listens on its port");
    },
  },
  {
    name: "the API on a socket beside the port",
    needs: ["socket"],
    run: async (world) => {
      const secrets = { KEY: secretValue() };
      const port = await freePort();
      const listening = await onSocket(world, secrets, { CLEF_AGENT_PORT: String(port) });
      await readyOn(listening);
      equal((await request(port, "/v1/ready")).status, 200, "whether it is ready on the port");
    },
  },
  refusedConfiguration(
    "no port without a socket",
    () => ({ CLEF_AGENT_PORT: "none" }),
    ["CLEF_AGENT_SOCKET"],
    [],
    ["socket"],
  ),
  refusedConfiguration(
    "a path of more than 107 bytes",
    () => ({ CLEF_AGENT_SOCKET: `/tmp/${"x".repeat(110)}` }),
    ["CLEF_AGENT_SOCKET"],
    [],
    ["socket"],
  ),
];
