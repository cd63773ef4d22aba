import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { FakeAwsKms } from "../support/kms/aws.ts";
import { packedFor } from "../support/kms/pack-for.ts";
import { opened, portOf } from "../support/names-here.ts";
import { temporaryDirectory } from "../support/temporary.ts";

test("SIGTERM is heard while a KMS that hangs is asked about the disk cache", async (t) => {
  const fake = await FakeAwsKms.start(t);
  const env = {
    ...fake.env,
    CLEF_AGENT_SOURCE: await packedFor(t, fake, { KEY: "k-1" }),
    CLEF_AGENT_CACHE_PATH: join(await temporaryDirectory(t), "cache"),
  };
  const before = AgentProcess.start(t, env);
  await before.ready();
  await before.stop();

  const asked = Promise.withResolvers<"asked">();
  const hanging = await opened(
    t,
    createServer(() => asked.resolve("asked")),
  );
  const url = `http://127.0.0.1:${portOf(hanging)}`;
  const agent = AgentProcess.start(t, { ...env, AWS_ENDPOINT_URL: url, AWS_ENDPOINT_URL_KMS: url });
  await asked.promise;
  const sentAt = performance.now();
  agent.child.kill("SIGTERM");
  assert.deepEqual(await agent.ended(), { code: 0, signal: null });
  const tookMs = performance.now() - sentAt;
  assert.ok(tookMs < 5_000, `${tookMs} ms`);
});
