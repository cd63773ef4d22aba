import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { SIGNING_KEY_PEM, VERIFY_KEY } from "../support/artifacts.ts";
import { clef } from "../support/cli.ts";
import { FakeAwsKms } from "../support/kms/aws.ts";
import { FakeAzureKms } from "../support/kms/azure.ts";
import type { FakeKms } from "../support/kms/fake-kms.ts";
import { FakeGcpKms } from "../support/kms/gcp.ts";
import { packedFor, packFor } from "../support/kms/pack-for.ts";
import { replaceFile } from "../support/replace-file.ts";
import { eventually, temporaryDirectory } from "../support/temporary.ts";

const SECRETS = { app: { DB_URL: "postgres://db/app", API_KEY: "k-1" }, TOP: "é🔑" };
const WHOM = ["--identity", "api", "--environment", "production"];

const SIGNING = { CLEF_SIGNING_KEY: SIGNING_KEY_PEM };

interface Packed {
  readonly file: string;
  readonly artifact: {
    readonly envelope: Readonly<Record<string, string>>;
    readonly signatureAlgorithm: string;
  };
}

async function packed(t: TestContext, fake: FakeKms, ...more: readonly string[]): Promise<Packed> {
  const file = await packedFor(t, fake, SECRETS, more, SIGNING);
  const text = await readFile(file, "utf8");
  assert.ok(!text.includes("postgres"));
  return { file, artifact: JSON.parse(text) as Packed["artifact"] };
}

function started(
  t: TestContext,
  fake: FakeKms,
  file: string,
  env: Readonly<Record<string, string>> = {},
): AgentProcess {
  return AgentProcess.start(t, {
    ...fake.env,
    CLEF_AGENT_SOURCE: file,
    CLEF_AGENT_VERIFY_KEY: VERIFY_KEY,
    ...env,
  });
}

async function assertServes(agent: AgentProcess): Promise<void> {
  const answer = await agent.get("/v1/secrets");
  assert.equal(answer.status, 200, `${answer.body}\n${agent.stderr}`);
  assert.deepEqual(JSON.parse(answer.body), SECRETS);
}

const FAKES = {
  "AWS KMS": (t) => FakeAwsKms.start(t),
  "GCP Cloud KMS, by a service account's key file": (t) => FakeGcpKms.start(t, "service_account"),
  "GCP Cloud KMS, by the metadata server": (t) => FakeGcpKms.start(t, "metadata"),
  "GCP Cloud KMS, by workload identity federation": (t) => FakeGcpKms.start(t, "federation"),
  "Azure Key Vault, by a client secret": (t) => FakeAzureKms.start(t, "client_secret"),
  "Azure Key Vault, by workload identity": (t) => FakeAzureKms.start(t, "workload_identity"),
  "Azure Key Vault, by managed identity": (t) => FakeAzureKms.start(t, "managed_identity"),
} as const satisfies Record<string, (t: TestContext) => Promise<FakeKms>>;

describe("what pack seals is what the agent serves, with no age key anywhere", () => {
  for (const [name, start] of Object.entries(FAKES)) {
    test(name, async (t) => {
      const fake = await start(t);
      const { file, artifact } = await packed(t, fake);
      assert.equal(artifact.envelope["provider"], fake.provider);
      assert.equal(artifact.envelope["keyId"], fake.keyId);
      assert.equal(artifact.signatureAlgorithm, "Ed25519");
      const agent = started(t, fake, file);
      await agent.ready();
      await assertServes(agent);
      const refreshed = await agent.logged(
        "refreshed",
        ({ event }) => event === "artifact.refreshed",
      );
      assert.equal(refreshed["kmsEnvelope"], true);

      const { stdout } = await clef(["inspect", file]);
      assert.ok(stdout.includes(`${fake.provider} KMS key ${fake.keyId}`), stdout);
    });
  }
});

describe("taking the permission away", () => {
  for (const name of ["AWS KMS", "GCP Cloud KMS, by a service account's key file"] as const) {
    test(`leaves cached secrets be until their time is over: ${name}`, async (t) => {
      const fake = await FAKES[name](t);
      const { file } = await packed(t, fake);
      const agent = started(t, fake, file);
      await agent.ready();
      fake.takeAway();
      const asked = fake.requests;
      const next = await packAgain(t, fake, file);
      const refused = await agent.logged("refused", ({ reason }) => reason === "kms_unwrap");
      assert.ok(String(refused["message"]).includes(fake.keyId), String(refused["message"]));
      assert.match(String(refused["message"]), /permission denied; allow/);
      assert.ok(fake.requests > asked);
      await assertServes(agent);
      assert.notEqual(await revisionOf(agent), next);
      fake.giveBack();
      await eventually("the new revision", async () => (await revisionOf(agent)) === next);
      await assertServes(agent);
    });
  }

  test("keeps an agent from starting, which goes on trying and says why", async (t) => {
    const fake = await FakeAwsKms.start(t);
    const { file } = await packed(t, fake);
    fake.takeAway();
    const agent = started(t, fake, file);
    const { message } = await agent.logged("refused", ({ reason }) => reason === "kms_unwrap");
    assert.match(String(message), /AWS KMS .*kms:Decrypt/);
    assert.equal((await agent.get("/v1/ready")).status, 503);
    fake.giveBack();
    await agent.ready();
    await assertServes(agent);
  });
});

/** Puts another artifact in place of the first, packed while the permission was still there. */
async function packAgain(t: TestContext, fake: FakeKms, file: string): Promise<string> {
  fake.giveBack();
  const again = await packed(t, fake);
  fake.takeAway();
  const text = await readFile(again.file, "utf8");
  await replaceFile(file, text);
  return (JSON.parse(text) as { readonly revision: string }).revision;
}

async function revisionOf(agent: AgentProcess): Promise<unknown> {
  return (JSON.parse((await agent.get("/v1/health")).body) as Record<string, unknown>)["revision"];
}

test("an agent without credentials says where it looked for them", async (t) => {
  const nowhere = { AWS_EC2_METADATA_DISABLED: "true", HOME: "/nonexistent" };
  const fake = await FakeAwsKms.start(t);
  const { file } = await packed(t, fake);
  const agent = started(t, fake, file, {
    ...nowhere,
    AWS_ACCESS_KEY_ID: "",
    AWS_SECRET_ACCESS_KEY: "",
  });
  const { message } = await agent.logged("refused", ({ reason }) => reason === "kms_unwrap");
  assert.match(String(message), /no AWS credentials were found/);
});

test("stopping an agent does not wait for a KMS that hangs", async (t) => {
  const fake = await FakeAwsKms.start(t);
  const { file } = await packed(t, fake);
  fake.next("hang", "hang");
  const agent = started(t, fake, file);
  const asked = fake.requests;
  await eventually("the KMS is asked", () => fake.requests > asked);
  const stoppedMs = performance.now();
  await agent.stop();
  assert.deepEqual(agent.exit, { code: 0, signal: null });
  assert.ok(performance.now() - stoppedMs < 3_000);
});

describe("signing with AWS KMS", () => {
  test("makes an artifact that the key's public half accepts", async (t) => {
    const fake = await FakeAwsKms.start(t);
    const { file, artifact } = await packed(t, fake, "--signing-kms-key", fake.signingKeyId);
    assert.equal(artifact.signatureAlgorithm, "ECDSA_SHA256");
    const agent = started(t, fake, file, { CLEF_AGENT_VERIFY_KEY: fake.verifyKey });
    await agent.ready();
    await assertServes(agent);
    const { code, stdout } = await clef(["verify", file, "--verify-key", VERIFY_KEY]);
    assert.equal(code, 1);
    assert.match(stdout, /signature_invalid/);
  });

  test("refuses a key of another kind, and writes nothing", async (t) => {
    const fake = await FakeAwsKms.start(t);
    const file = join(await temporaryDirectory(t), "artifact.json");
    const { code, stderr } = await packFor(
      fake,
      SECRETS,
      ["--out", file, "--signing-kms-key", fake.rsaKeyId],
      SIGNING,
    );
    assert.equal(code, 1);
    assert.match(stderr, /ECC_NIST_P256.*\[kms_failed\]/);
    await assert.rejects(readFile(file), { code: "ENOENT" });
  });
});

describe("pack says what is wrong", () => {
  const AGE = "age1gdzz00zja7ffy8dhtw6ga0grvqwqvk8636qhrxak6mcrc94xdgkqa6nv6l";
  const ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd";
  for (const [args, message] of [
    [["--kms", "aws", "--kms-key", ARN, "--recipient", AGE], /exclude each other/],
    [["--kms", "vault", "--kms-key", ARN], /aws, gcp, azure/],
    [["--kms", "aws"], /--kms-key is missing/],
    [["--kms-key", ARN], /--kms is missing/],
    [[], /--recipient is missing, or --kms/],
    [["--recipient", AGE, "--signing-key", "a", "--signing-kms-key", ARN], /exclude each other/],
  ] as const) {
    test(`about ${args.join(" ") || "neither recipient nor KMS"}`, async () => {
      const { code, stderr } = await clef(["pack", ...WHOM, ...args], { stdin: '{"A":"b"}' });
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    });
  }

  test("about a key that is not there, or that it may not use", async (t) => {
    const fake = await FakeAzureKms.start(t);
    const missing = await clef(
      ["pack", ...WHOM, "--kms", "azure", "--kms-key", fake.missingKeyId],
      { stdin: '{"A":"b"}', env: fake.env },
    );
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /Azure Key Vault .*no such key.*\[kms_failed\]/);
    fake.takeAway();
    const denied = await packFor(fake, SECRETS, [], SIGNING);
    assert.equal(denied.code, 1);
    assert.match(denied.stderr, /keys\/wrapKey/);
  });
});
