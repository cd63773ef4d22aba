import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { textOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { ask, onSocket, readyOn } from "../../tools/socket.ts";

export const cases: readonly Case[] = [
  {
    name: "replace a dead socket, and remove its own at a stop",
    needs: ["socket"],
    run: async (world) => {
      const first = await onSocket(world, { KEY: secretValue() });
      await readyOn(first);
      await first.agent.kill();
      equal(existsSync(first.socket), true, "whether a killed agent took its socket along");
      const second = await onSocket(
        world,
        { KEY: secretValue() },
        { CLEF_AGENT_SOCKET: first.socket },
      );
      await readyOn({ ...second, socket: first.socket });
      second.agent.signal("SIGTERM");
      equal(await second.agent.ended(), 0, "its exit code");
      equal(existsSync(first.socket), false, "whether the socket is there after a stop");
    },
  },
  {
    name: "leave a live socket to the agent that listens on it",
    needs: ["socket"],
    run: async (world) => {
      const value = secretValue();
      const first = await onSocket(world, { KEY: value });
      await readyOn(first);
      const { agent } = await onSocket(
        world,
        { KEY: secretValue() },
        { CLEF_AGENT_SOCKET: first.socket },
      );
      equal(await agent.ended(), 1, "the exit code of the second");
      equal(
        (await ask(first.socket, "/v1/secrets/KEY", "Host: x")).json("value"),
        value,
        "what the first serves",
      );
    },
  },
  {
    name: "write nothing over a file of another kind",
    needs: ["socket"],
    run: async (world) => {
      const file = path.join(await world.directory(), "agent.sock");
      await writeFile(file, "mine");
      const { agent } = await onSocket(world, { KEY: secretValue() }, { CLEF_AGENT_SOCKET: file });
      equal([await agent.ended(), await textOf(file)], [1, "mine"], "the exit code and the file");
    },
  },
];
