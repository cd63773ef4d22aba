import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { AgentProcess } from "../support/agent-process.ts";
import { answerWith, type Received, reply, type Reply } from "../support/answer.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { AZURE_LOGIN, type AzureIdentity, AzureTokens } from "../support/azure-identity.ts";
import { BLOB_SPEECH, FakeBucket, GCS_SPEECH } from "../support/fake-bucket.ts";
import { opened, portOf } from "../support/names-here.ts";
import { temporaryDirectory } from "../support/temporary.ts";

type Env = Readonly<Record<string, string>>;

const GCS = "gs://artifacts/packed/api (ü).json";
const BLOB = "az://artifacts/packed/api (ü).json";
/** Nothing of this machine has a say. */
const BARE = { HOME: "/nonexistent", CLOUDSDK_CONFIG: "/nonexistent" };

async function bucketOf(speech: typeof GCS_SPEECH): Promise<FakeBucket> {
  const bucket = new FakeBucket(speech);
  bucket.put(Buffer.from(await pack()));
  bucket.token = undefined;
  return bucket;
}

/** Gives out a token, which the bucket takes from then on. */
function newToken(bucket: FakeBucket): string {
  bucket.token = randomBytes(16).toString("hex");
  return bucket.token;
}

async function serves(t: TestContext, env: Env): Promise<void> {
  const agent = AgentProcess.start(t, { ...BARE, CLEF_AGENT_AGE_KEY: AGE_IDENTITY, ...env });
  await agent.ready();
  await agent.stop();
  assert.doesNotMatch(agent.stderr, /fetch failed/);
}

describe("an agent that reads from Google Cloud Storage", { concurrency: true }, () => {
  const given = (bucket: FakeBucket): Reply => {
    const access_token = newToken(bucket);
    return { status: 200, body: { access_token, token_type: "Bearer", expires_in: 3600 } };
  };

  test("exchanges the token of its workload for Google's", async (t) => {
    const bucket = await bucketOf(GCS_SPEECH);
    const exchange = ({ response, body }: Received): void => {
      const form = new URLSearchParams(body.toString());
      const isGood =
        form.get("subject_token") === "workload-token" &&
        form.get("scope")?.endsWith("/auth/devstorage.read_only") === true;
      reply(response, isGood ? given(bucket) : { status: 400, body: { error: "invalid_grant" } });
    };
    const directory = await temporaryDirectory(t);
    const [token, file] = [join(directory, "token"), join(directory, "federation.json")];
    await writeFile(token, "workload-token");
    const pool = "projects/1/locations/global/workloadIdentityPools/pool/providers/provider";
    const federation = {
      type: "external_account",
      audience: `//iam.googleapis.com/${pool}`,
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: "https://sts.googleapis.com/v1/token",
      credential_source: { file: token },
    };
    await writeFile(file, JSON.stringify(federation));
    await serves(t, {
      ...(await bucket.env(t, { "sts.googleapis.com": answerWith(exchange) })),
      CLEF_AGENT_SOURCE: GCS,
      GOOGLE_APPLICATION_CREDENTIALS: file,
    });
  });

  test("asks the metadata server, past the proxy", async (t) => {
    const bucket = await bucketOf(GCS_SPEECH);
    const metadata = createServer(
      answerWith(({ request, response, url }) => {
        const headers = { "metadata-flavor": "Google" };
        if (request.headers["metadata-flavor"] !== "Google") response.writeHead(403).end();
        else if (url.pathname.endsWith("/token")) reply(response, { ...given(bucket), headers });
        else if (url.pathname.endsWith("/universe-domain")) response.writeHead(404, headers).end();
        else response.writeHead(200, headers).end("clef-test");
      }),
    );
    await serves(t, {
      ...(await bucket.env(t)),
      CLEF_AGENT_SOURCE: GCS,
      GCE_METADATA_HOST: `127.0.0.1:${portOf(await opened(t, metadata))}`,
    });
  });

  test("asks for a public object without any", async (t) => {
    const bucket = await bucketOf(GCS_SPEECH);
    bucket.isPublic = true;
    await serves(t, {
      ...(await bucket.env(t)),
      CLEF_AGENT_SOURCE: GCS,
      METADATA_SERVER_DETECTION: "none",
    });
  });
});

describe("an agent that reads from Azure Blob Storage", { concurrency: true }, () => {
  for (const identity of [
    "client_secret",
    "workload_identity",
    "managed_identity",
  ] as const satisfies readonly AzureIdentity[]) {
    test(`takes the token of its ${identity.replace("_", " ")}`, async (t) => {
      const bucket = await bucketOf(BLOB_SPEECH);
      const tokens = new AzureTokens("https://storage.azure.com", () => newToken(bucket));
      const login = answerWith((received) => reply(received.response, tokens.login(received)));
      await serves(t, {
        ...(await bucket.env(t, { [AZURE_LOGIN]: login })),
        CLEF_AGENT_SOURCE: BLOB,
        ...(await tokens.env(t, identity)),
      });
    });
  }
});
