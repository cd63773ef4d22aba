import { describe, it } from "node:test";
import { revocation } from "../support/artifacts.ts";
import { whyNoCoreDump } from "../support/core-dump.ts";
import { justInTimeTrial } from "../support/just-in-time-trial.ts";
import { kmsSeal } from "../../src/kms/envelope.ts";
import { kmsOpener } from "../../src/kms/open.ts";
import { FakeAwsKms } from "../support/kms/aws.ts";
import { fileTrialSource, httpTrialSource, memoryTrial } from "../support/memory-trial.ts";
import { Origin } from "../support/origin.ts";
import { kmsPartsHere } from "../support/network.ts";

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

describe("with a file a core dump holds no copy of any secret value", { skip }, () => {
  it("after a revocation", async (t) => {
    const source = await fileTrialSource(t);
    await memoryTrial(t, source, () => source.put(revocation()));
  });
});

describe("in just-in-time mode a core dump between requests holds none", { skip }, () => {
  it("with age, from a file", async (t) => {
    await justInTimeTrial(t, { source: await fileTrialSource(t), rounds: 1 });
  });

  it("with age, from an HTTP origin, after thousands of requests", async (t) => {
    const source = httpTrialSource(await Origin.start(t));
    await justInTimeTrial(t, { source, rounds: 5 });
  });

  it("with a KMS envelope, after thousands of requests", async (t) => {
    const fake = await FakeAwsKms.start(t);
    fake.install();
    const kms = await kmsOpener(kmsPartsHere())(fake.provider);
    const sealing = { seal: kmsSeal(kms, fake.keyId), env: fake.env };
    await justInTimeTrial(t, { source: await fileTrialSource(t), kms: sealing, rounds: 5 });
  });
});
