import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { generateAgeKey } from "../../src/keys/age-recipients.ts";
import { AgentProcess } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { FakeAwsKms } from "../support/kms/aws.ts";
import { FakeAzureKms } from "../support/kms/azure.ts";
import type { FakeKms } from "../support/kms/fake-kms.ts";
import { FakeGcpKms } from "../support/kms/gcp.ts";
import { packFor } from "../support/kms/pack-for.ts";
import { NO_AWS_FILES } from "../support/aws-environment.ts";
import { FakeS3 } from "../support/fake-s3.ts";
import { listening } from "../support/listening.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const CLOUDS: ReadonlySet<string> = new Set([
  "@aws-sdk/credential-provider-node",
  "google-auth-library",
  "@azure/identity",
]);

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));

interface Loaded {
  /** Of `dist/`. */
  readonly files: readonly string[];
  /** The source files that are in these. */
  readonly sources: readonly string[];
}

/** What an agent loads from its start to its end, by what V8 saw. */
async function loaded(
  t: TestContext,
  env: Readonly<Record<string, string>>,
  artifact?: string,
): Promise<Loaded> {
  const directory = await temporaryDirectory(t);
  const file = join(directory, "artifact.json");
  const coverage = join(directory, "coverage");
  await writeFile(file, artifact ?? (await pack()));
  const agent = AgentProcess.start(t, {
    CLEF_AGENT_SOURCE: file,
    CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
    NODE_V8_COVERAGE: coverage,
    ...env,
  });
  await agent.ready();
  await agent.stop();

  const files = new Set<string>();
  const sources = new Set<string>();
  for (const name of await readdir(coverage)) {
    const { result } = JSON.parse(await readFile(join(coverage, name), "utf8")) as {
      readonly result: readonly { readonly url: string }[];
    };
    const chunks = result
      .filter(({ url }) => url.startsWith("file:"))
      .map(({ url }) => fileURLToPath(url))
      .filter((path) => path.startsWith(DIST) && !path.endsWith("clef-agent.js"));
    for (const chunk of chunks) {
      files.add(chunk);
      const map = JSON.parse(await readFile(`${chunk}.map`, "utf8")) as {
        readonly sources: readonly string[];
      };
      for (const source of map.sources) sources.add(source);
    }
  }
  return { files: [...files], sources: [...sources] };
}

async function sourcesLoaded(...args: Parameters<typeof loaded>): Promise<readonly string[]> {
  return (await loaded(...args)).sources;
}

/** The packages that they belong to. */
async function packagesLoaded(
  ...args: Parameters<typeof sourcesLoaded>
): Promise<ReadonlySet<string>> {
  const sources = await sourcesLoaded(...args);
  return new Set(
    sources.map((source) => {
      const [, inPackage] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source) ?? [];
      return inPackage ?? "the agent";
    }),
  );
}

const skip = process.env["CLEF_TEST_AGENT"] === undefined ? false : "its chunks are not files";

test(
  "an age artifact from a file is served without loading any cloud or telemetry code",
  { skip },
  async (t) => {
    assert.deepEqual([...(await packagesLoaded(t, {}))].toSorted(), [
      "@noble/ciphers",
      "@scure/base",
      "the agent",
    ]);
  },
);

test("an agent that serves has loaded less than a dozen files", { skip }, async (t) => {
  const { files } = await loaded(t, {});
  assert.ok(files.length < 12, files.join("\n"));
});

test("nothing of Node.js is loaded because it was imported by name", { skip }, async (t) => {
  const directory = await temporaryDirectory(t);
  const list = join(directory, "list.json");
  const hook = join(directory, "hook.cjs");
  await writeFile(
    hook,
    `process.on("exit", () => require("node:fs").writeFileSync(
      ${JSON.stringify(list)}, JSON.stringify(process.moduleLoadList)));`,
  );
  await sourcesLoaded(t, { NODE_OPTIONS: `--require=${hook}` });
  const modules = JSON.parse(await readFile(list, "utf8")) as readonly string[];
  assert.ok(modules.includes("NativeModule http"), modules.join());
  for (const name of ["internal/deps/undici/undici", "tls", "zlib", "internal/crypto/webcrypto"]) {
    assert.ok(!modules.includes(`NativeModule ${name}`), name);
  }
});

test("the age library is loaded for a post-quantum identity alone", { skip }, async (t) => {
  const { file, recipient } = await generateAgeKey("hybrid", new Date());
  const packages = await packagesLoaded(
    t,
    { CLEF_AGENT_AGE_KEY: file },
    await pack({ recipients: [recipient] }),
  );
  assert.ok(packages.has("age-encryption"), [...packages].join());
});

test(
  "an artifact from a file is served without loading what asks, signs or reads settings for a network",
  { skip },
  async (t) => {
    const sources = await sourcesLoaded(t, {});
    const own = sources.flatMap((source) => /.*\/(src\/.*)/.exec(source)?.[1] ?? []);
    const ofNetworks = own.filter((path) =>
      /^src\/(?:net|aws|gcp|azure|source)\/|^src\/config\/(?:network|location|vcs|telemetry|.*-location)/.test(
        path,
      ),
    );
    assert.deepEqual(ofNetworks.toSorted(), [
      "src/config/network-variables.ts",
      "src/config/vcs-secrets.ts",
      "src/net/network.ts",
      "src/net/safe-url.ts",
      "src/net/settings.ts",
      "src/source/file.ts",
      "src/source/open.ts",
    ]);
  },
);

test(
  "what counts is loaded where it can be scraped, and nothing that sends",
  { skip },
  async (t) => {
    const own = async (env: Readonly<Record<string, string>>): Promise<readonly string[]> =>
      (await sourcesLoaded(t, env)).filter((source) => /opentelemetry|src\/otlp\//.test(source));
    const without = await own({});
    assert.ok(!without.some((source) => source.endsWith("src/otlp/request-meter.ts")));
    const scraped = await own({ CLEF_AGENT_PROBE_LISTEN: "127.0.0.1:0" });
    assert.ok(scraped.some((source) => source.endsWith("src/otlp/prometheus-text.ts")));
    for (const sending of ["otlp-transformer", "sdk-metrics", "src/otlp/sender.ts"]) {
      assert.ok(!scraped.some((source) => source.includes(sending)), sending);
    }
  },
);

test("telemetry is loaded where it is configured", { skip }, async (t) => {
  const receiver = await OtlpReceiver.start(t);
  const packages = await packagesLoaded(t, { CLEF_AGENT_TELEMETRY_URL: receiver.logsUrl });
  assert.ok(packages.has("@opentelemetry/otlp-transformer"), [...packages].join());
});

for (const [name, start, own] of [
  ["AWS KMS", (t) => FakeAwsKms.start(t), "@aws-sdk/credential-provider-node"],
  ["GCP Cloud KMS", (t) => FakeGcpKms.start(t), "google-auth-library"],
  ["Azure Key Vault", (t) => FakeAzureKms.start(t), "@azure/identity"],
] as const satisfies [string, (t: TestContext) => Promise<FakeKms>, string][]) {
  test(
    `an envelope of ${name} loads the code for it, and none for another cloud`,
    { skip },
    async (t) => {
      const fake = await start(t);
      const { stdout } = await packFor(fake, { A: "b" });
      const packages = [...(await packagesLoaded(t, fake.env, stdout))];
      assert.ok(packages.includes(own), packages.join());
      const others = packages.filter((one) => CLOUDS.has(one) && one !== own);
      assert.deepEqual(others, []);
    },
  );
}

test(
  "S3 loads AWS's chain and signer where they are used, and what the chain never asks not at all",
  { skip },
  async (t) => {
    const s3 = new FakeS3();
    s3.keys.set("AKIAEXAMPLE", { secretAccessKey: "secret" });
    s3.put("artifacts", "api.json", Buffer.from(await pack()));
    const packages = await packagesLoaded(t, {
      ...NO_AWS_FILES,
      CLEF_AGENT_SOURCE: "s3://artifacts/api.json",
      AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_REGION: "eu-west-1",
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${await listening(t, s3.listener)}`,
    });
    const clouds = [...packages].filter((name) =>
      /^@(?:aws-sdk|smithy|azure|google)|^google/.test(name),
    );
    assert.deepEqual(clouds.toSorted(), [
      "@aws-sdk/core",
      "@aws-sdk/credential-provider-env",
      "@aws-sdk/credential-provider-node",
      "@smithy/core",
      "@smithy/signature-v4",
      "@smithy/types",
    ]);
  },
);
