import path from "node:path";
import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { modeOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { onSocket, readyOn } from "../../tools/socket.ts";

export const cases: readonly Case[] = [
  { mode: "0600", directory: "0700" },
  { mode: "0660", directory: "0750" },
].map(({ mode, directory }): Case => ({
  name: `make its socket's directory with ${directory} where the mode is ${mode}`,
  needs: ["socket"],
  run: async (world) => {
    const listening = await onSocket(
      world,
      { KEY: secretValue() },
      { CLEF_AGENT_SOCKET_MODE: mode },
    );
    await readyOn(listening);
    equal(await modeOf(path.dirname(listening.socket)), directory, "the mode");
  },
}));
