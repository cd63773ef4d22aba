import type { Capability, Case } from "../suite/case.ts";
import type { Environment } from "./agent.ts";
import { pack } from "./artifact.ts";
import { ensure, equal } from "./expect.ts";
import { secretValue } from "./secret-texts.ts";
import { startOn } from "./verdict.ts";

/** An agent that is started so exits with 1 before it has asked its origin for anything, and names these. */
export function refusedConfiguration(
  name: string,
  env: () => Environment,
  names: readonly string[],
  never: readonly string[] = [],
  needs: readonly Capability[] = [],
): Case {
  return {
    name: `refuse ${name}`,
    needs,
    run: async (world) => {
      const { agent, origin } = await startOn(world, pack({ KEY: secretValue() }), env());
      equal(await agent.ended(), 1, "the exit code");
      equal(origin.asked.length, 0, "how often the origin was asked");
      for (const text of names)
        ensure(agent.stderr.includes(text), `the log does not name ${text}`);
      for (const text of never) ensure(!agent.stderr.includes(text), `the log repeats ${text}`);
    },
  };
}
