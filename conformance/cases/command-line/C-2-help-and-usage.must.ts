import type { Case } from "../../suite/case.ts";
import { ensure, equal } from "../../tools/expect.ts";

const WRONG = [["serve"], ["run", "--fast"], ["--nonsense"], ["run", "more"]];

export const cases: readonly Case[] = [
  {
    name: "print help and version on standard output",
    run: async (world) => {
      const help = await world.agent({}, ["--help"]);
      equal([await help.ended(), help.stderr], [0, ""], "the end of --help");
      ensure(help.stdout.length > 100, "--help prints hardly anything");
      const version = await world.agent({}, ["--version"]);
      equal([await version.ended(), version.stderr], [0, ""], "the end of --version");
      ensure(/\d+\.\d+\.\d+/.test(version.stdout), `--version prints ${version.stdout}`);
    },
  },
  {
    name: "exit with 2 on wrong usage, with nothing on standard output",
    run: async (world) => {
      for (const args of WRONG) {
        const agent = await world.agent({}, args);
        equal([await agent.ended(), agent.stdout], [2, ""], args.join(" "));
      }
    },
  },
];
