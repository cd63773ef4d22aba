import { describe, it } from "node:test";
import { revocation } from "../support/artifacts.ts";
import { whyNoCoreDump } from "../support/core-dump.ts";
import { httpTrialSource, memoryTrial } from "../support/memory-trial.ts";
import { Origin } from "../support/origin.ts";

const skip = await whyNoCoreDump();

// One after the other: with the HTTP client loaded a dump has 6 GB, nearly all of it reserved only.
describe("with an HTTP origin a core dump holds no copy of any secret value", { skip }, () => {
  it("after a revocation", async (t) => {
    const origin = await Origin.start(t);
    const source = httpTrialSource(origin);
    await memoryTrial(t, source, async (agent) => {
      await source.put(revocation());
      agent.child.kill("SIGHUP");
    });
  });

  it("after a TTL without the origin", async (t) => {
    const origin = await Origin.start(t);
    await memoryTrial(t, httpTrialSource(origin), () => origin.down());
  });
});
