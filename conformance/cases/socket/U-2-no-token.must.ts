import type { Case } from "../../suite/case.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { ask, onSocket, readyOn } from "../../tools/socket.ts";

export const cases: readonly Case[] = [
  {
    name: "ask for no token and no Host, and refuse what came by a proxy",
    needs: ["socket"],
    run: async (world) => {
      const value = secretValue();
      const listening = await onSocket(world, { KEY: value });
      await readyOn(listening);
      const { socket } = listening;
      for (const host of ["example.com", "localhost", "x"]) {
        equal((await ask(socket, "/v1/secrets/KEY", `Host: ${host}`)).json("value"), value, host);
      }
      for (const header of [
        "Forwarded: for=10.0.0.1",
        "X-Forwarded-For: 10.0.0.1",
        "X-Forwarded-Host: a",
      ]) {
        const answer = await ask(socket, "/v1/secrets/KEY", "Host: localhost", header);
        equal(answer.status, 403, header);
        ensure(!answer.body.includes(value), `${header} gets the secret`);
      }
    },
  },
];
