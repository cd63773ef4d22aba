import type { Case } from "../../suite/case.ts";
import { equal } from "../../tools/expect.ts";
import { environmentOf, exec, recorder } from "../../tools/exec.ts";

const DANGEROUS = [
  "PATH",
  "LD_PRELOAD",
  "DYLD_INSERT_LIBRARIES",
  "NODE_OPTIONS",
  "BASH_ENV",
  "PYTHONPATH",
  "GIT_SSH_COMMAND",
  "JAVA_TOOL_OPTIONS",
  "RUBYOPT",
  "PERL5OPT",
];

export const cases: readonly Case[] = [
  ...[...DANGEROUS, "CLEF_AGENT_VERIFY_KEY"].map((name): Case => ({
    name: `a secret called ${name} to a command`,
    needs: ["exec"],
    run: async (world) => {
      const { command, lines } = await recorder(world);
      const { agent } = await exec(world, { secrets: { [name]: "value" } }, [], command);
      equal(await agent.ended(), 1, "the exit code");
      equal(await lines(), [], "what the command wrote");
    },
  })),
  {
    name: "a secret called CLEF_AGENT_… with --allow-name",
    needs: ["exec"],
    run: async (world) => {
      const { command, lines } = await recorder(world);
      const name = "CLEF_AGENT_TOKEN";
      const { agent } = await exec(
        world,
        { secrets: { [name]: "value" } },
        ["--allow-name", name],
        command,
      );
      equal(await agent.ended(), 1, "the exit code");
      equal(await lines(), [], "what the command wrote");
    },
  },
  {
    name: "anything else than a dangerous name that --allow-name names",
    needs: ["exec"],
    run: async (world) => {
      const env = await environmentOf(world, { PS1: "value" }, ["--allow-name", "PS1"]);
      equal(env["PS1"], "value", "PS1");
    },
  },
];
