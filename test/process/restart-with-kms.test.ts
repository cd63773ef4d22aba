import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { clef } from "../support/cli.ts";
import { FakeAwsKms } from "../support/kms/aws.ts";
import { temporaryDirectory } from "../support/temporary.ts";

test("SIGTERM is heard while a KMS that hangs is asked about the disk cache", async (t) => {
  const fake = await FakeAwsKms.start(t);
  const directory = await temporaryDirectory(t);
  const file = join(directory, "artifact.json");
  const whom = ["--identity", "api", "--environment", "production"];
  const key = ["--kms", fake.provider, "--kms-key", fake.keyName];
  const packed = await clef(["pack", ...whom, ...key, "--out", file], {
    stdin: '{"KEY":"k-1"}',
    env: fake.env,
  });
  assert.equal(packed.code, 0, packed.stderr);
  const env = {
    ...fake.env,
    CLEF_AGENT_SOURCE: file,
    CLEF_AGENT_CACHE_PATH: join(directory, "cache"),
  };
  const before = AgentProcess.start(t, env);
  await before.ready();
  await before.stop();

  const asked = Promise.withResolvers<"asked">();
  const hanging = createServer(() => asked.resolve("asked"));
  hanging.listen(0, "127.0.0.1");
  await once(hanging, "listening");
  t.after(() => hanging.close());
  const address = hanging.address();
  assert.ok(typeof address === "object" && address !== null);
  const url = `http://127.0.0.1:${address.port}`;
  const agent = AgentProcess.start(t, { ...env, AWS_ENDPOINT_URL: url, AWS_ENDPOINT_URL_KMS: url });
  await asked.promise;
  const sentAt = performance.now();
  agent.child.kill("SIGTERM");
  assert.deepEqual(await agent.ended(), { code: 0, signal: null });
  const tookMs = performance.now() - sentAt;
  assert.ok(tookMs < 5_000, `${tookMs} ms`);
});
