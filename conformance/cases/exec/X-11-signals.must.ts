import type { Case } from "../../suite/case.ts";
import { equal, eventually } from "../../tools/expect.ts";
import { exec, recorder, SIGNALS } from "../../tools/exec.ts";
import { secretValue } from "../../tools/secret-texts.ts";

function passesOn(names: readonly string[], needs: Case["needs"]): Case {
  return {
    name: `pass on ${names.map((name) => `SIG${name}`).join(", ")}, each time, and do nothing else`,
    ...(needs && { needs }),
    run: async (world) => {
      const value = secretValue();
      const { command, lines, wrote } = await recorder(world, "");
      const { agent } = await exec(world, { secrets: { KEY: value } }, [], command);
      await wrote(`start ${value}`);
      for (const [at, name] of [...names, ...names].entries()) {
        agent.signal(`SIG${name}` as NodeJS.Signals);
        await eventually(`SIG${name} came`, async () => (await lines()).length >= at + 2);
      }
      const expected = [`start ${value}`, ...names, ...names].map((name, at) =>
        at === 0 ? name : `SIG${name}`,
      );
      equal(await lines(), expected, "what the command wrote");
      equal(agent.exit, undefined, "its end");
    },
  };
}

export const cases: readonly Case[] = [
  passesOn(
    SIGNALS.filter((name) => name !== "USR1" && name !== "PWR"),
    ["exec"],
  ),
  ...(process.platform === "linux" ? [passesOn(["PWR"], ["exec"])] : []),
  passesOn(["USR1"], ["exec", "sigusr1"]),
];
