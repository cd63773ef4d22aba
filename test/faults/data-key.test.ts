import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test, type TestContext } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { countInMemory } from "../support/core-dump.ts";
import { FakeAzureKms } from "../support/kms/azure.ts";
import type { FakeKms } from "../support/kms/fake-kms.ts";
import { FakeGcpKms } from "../support/kms/gcp.ts";
import { packedFor } from "../support/kms/pack-for.ts";
import { eventually } from "../support/temporary.ts";

const READS = 6;
const skip = process.platform === "linux" ? false : "memory is read through /proc, of Linux";

for (const [name, start] of [
  ["GCP Cloud KMS", (t) => FakeGcpKms.start(t)],
  ["Azure Key Vault", (t) => FakeAzureKms.start(t)],
] as const satisfies [string, (t: TestContext) => Promise<FakeKms>][]) {
  test(`between just-in-time requests memory holds no data key of ${name}`, { skip }, async (t) => {
    const fake = await start(t);
    const file = await packedFor(t, fake, { KEY: "k-1" });
    const { envelope } = JSON.parse(await readFile(file, "utf8")) as {
      readonly envelope: { readonly wrappedKey: string };
    };
    const dataKey = fake.dataKeyOf(Buffer.from(envelope.wrappedKey, "base64"));
    assert.ok(dataKey !== undefined);

    const agent = AgentProcess.start(t, {
      ...fake.env,
      CLEF_AGENT_SOURCE: file,
      CLEF_AGENT_CACHE_TTL: "0",
    });
    await agent.ready();
    for (let read = 0; read < READS; read++) {
      assert.equal((await agent.get("/v1/secrets/KEY")).status, 200);
    }
    const count = (needle: Buffer | string): number =>
      countInMemory(agent.child.pid ?? 0, Buffer.from(needle));
    assert.ok(count(envelope.wrappedKey) > 0, "what is there is found");
    // Without its last symbol, which differs where there is padding.
    const forms = [dataKey, dataKey.toString("base64").slice(0, 42)];
    forms.push(dataKey.toString("base64url").slice(0, 42));
    await eventually("none is left", () => forms.every((form) => count(form) === 0), 5_000);
    await agent.stop();
  });
}
