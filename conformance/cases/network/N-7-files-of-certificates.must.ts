import type { Case } from "../../suite/case.ts";
import type { World } from "../../suite/world.ts";
import { pack } from "../../tools/artifact.ts";
import { ensure, equal } from "../../tools/expect.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { pemFile } from "../../tools/secure-origin.ts";
import { startOn } from "../../tools/verdict.ts";

const FILES: Readonly<Record<string, (world: World) => Promise<string>>> = {
  "that is not there": () => Promise.resolve("/nonexistent/ca.pem"),
  "without a certificate": (world) => pemFile(world, "nothing\n"),
  "that is empty": (world) => pemFile(world),
};

export const cases: readonly Case[] = Object.entries(FILES).map(([name, make]): Case => ({
  name: `refuse a CLEF_AGENT_CA_FILE ${name}`,
  needs: ["tls"],
  run: async (world) => {
    const env = { CLEF_AGENT_CA_FILE: await make(world) };
    const { agent, origin } = await startOn(world, pack({ KEY: secretValue() }), env);
    equal(
      [await agent.ended(), origin.asked.length],
      [1, 0],
      "the exit code, and how often the origin was asked",
    );
    ensure(agent.stderr.includes("CLEF_AGENT_CA_FILE"), "the log does not name it");
  },
}));
