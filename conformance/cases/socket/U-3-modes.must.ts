import type { Case } from "../../suite/case.ts";
import { refusedConfiguration } from "../../tools/configured.ts";
import { equal } from "../../tools/expect.ts";
import { modeOf } from "../../tools/folders.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { onSocket, readyOn } from "../../tools/socket.ts";

export const cases: readonly Case[] = [
  ...[undefined, "0660", "0600"].map((mode): Case => ({
    name: `give its socket the mode ${mode ?? "0600 unless asked otherwise"}`,
    needs: ["socket"],
    run: async (world) => {
      const listening = await onSocket(
        world,
        { KEY: secretValue() },
        { CLEF_AGENT_SOCKET_MODE: mode },
      );
      await readyOn(listening);
      equal(await modeOf(listening.socket), mode ?? "0600", "the mode");
    },
  })),
  ...["0666", "0604", "0601", "660x"].map((mode) =>
    refusedConfiguration(
      `the mode ${mode}`,
      () => ({ CLEF_AGENT_SOCKET: "/tmp/nobody/agent.sock", CLEF_AGENT_SOCKET_MODE: mode }),
      ["CLEF_AGENT_SOCKET_MODE"],
      [],
      ["socket"],
    ),
  ),
];
