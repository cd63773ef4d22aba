import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { AgentProcess, type LogLine } from "./agent-process.ts";
import { AGE_IDENTITY, pack } from "./artifacts.ts";
import { NO_AWS_FILES } from "./aws-environment.ts";
import { authority, certificateFor } from "./certificate.ts";
import { FakeS3 } from "./fake-s3.ts";
import { FakeAwsKms } from "./kms/aws.ts";
import { FakeAzureKms } from "./kms/azure.ts";
import type { FakeKms } from "./kms/fake-kms.ts";
import { FakeGcpKms } from "./kms/gcp.ts";
import { packedFor } from "./kms/pack-for.ts";
import { listening } from "./listening.ts";
import { opened, portOf } from "./names-here.ts";
import { OtlpReceiver } from "./otlp-receiver.ts";
import { ForwardProxy, type ProxyOptions } from "./proxy.ts";
import { eventually, temporaryDirectory } from "./temporary.ts";

type Env = Readonly<Record<string, string>>;

/** A service at a name that only a proxy knows. */
interface Service {
  readonly env: Env;
  /** How a proxy leads to it. */
  readonly proxy: ProxyOptions;
  /** Resolves once the agent got what it asked for. */
  readonly reached: (agent: AgentProcess) => Promise<unknown>;
  /** The first line that says that it did not. */
  readonly isFailure: (line: LogLine) => boolean;
}

const HOST = "service.example";
const KEY = { AWS_ACCESS_KEY_ID: "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };
const ready = (agent: AgentProcess): Promise<void> => agent.ready();

async function fileIn(t: TestContext, text: string): Promise<string> {
  const path = join(await temporaryDirectory(t), "file");
  await writeFile(path, text);
  return path;
}

/** `port` at HOST, behind TLS where the scheme says so. */
async function named(
  t: TestContext,
  scheme: Scheme,
  port: number,
): Promise<Pick<Service, "env" | "proxy">> {
  if (scheme === "http") return { env: {}, proxy: { names: { [`${HOST}:80`]: port } } };
  const ca = authority();
  const front = createTlsServer(certificateFor([HOST], { issuer: ca }), (socket) => {
    const behind = connect(port, "127.0.0.1");
    behind.on("error", () => socket.destroy());
    socket.on("error", () => behind.destroy());
    socket.pipe(behind).pipe(socket);
  });
  const names = { [`${HOST}:443`]: portOf(await opened(t, front)) };
  return { env: { CLEF_AGENT_CA_FILE: await fileIn(t, ca.cert) }, proxy: { names } };
}

export type Scheme = "http" | "https";
const fetchFailed = ({ event }: LogLine): boolean => event === "fetch.failed";
const unwrapFailed = ({ reason }: LogLine): boolean => reason === "kms_unwrap";

/** Everything that the agent asks at an address that it is given. */
export const SERVICES = {
  async "the source"(t, scheme) {
    const artifact = await pack();
    const at = await named(t, scheme, await listening(t, (_, response) => response.end(artifact)));
    const env = { ...at.env, CLEF_AGENT_SOURCE: `${scheme}://${HOST}/api.json` };
    return { ...at, env, reached: ready, isFailure: fetchFailed };
  },
  async S3(t, scheme) {
    const s3 = new FakeS3();
    s3.keys.set(KEY.AWS_ACCESS_KEY_ID, { secretAccessKey: KEY.AWS_SECRET_ACCESS_KEY });
    s3.put("artifacts", "api.json", Buffer.from(await pack()));
    const at = await named(t, scheme, await listening(t, s3.listener));
    const env = {
      ...at.env,
      ...NO_AWS_FILES,
      ...KEY,
      AWS_REGION: "eu-west-1",
      AWS_ENDPOINT_URL_S3: `${scheme}://${HOST}`,
      CLEF_AGENT_SOURCE: "s3://artifacts/api.json",
    };
    return { ...at, env, reached: ready, isFailure: fetchFailed };
  },
  async "AWS KMS"(t, scheme) {
    const fake = await FakeAwsKms.start(t);
    const CLEF_AGENT_SOURCE = await packedFor(t, fake, { A: "b" });
    const at = await named(t, scheme, Number(new URL(fake.env["AWS_ENDPOINT_URL_KMS"] ?? "").port));
    const env = {
      ...at.env,
      ...fake.env,
      AWS_ENDPOINT_URL_KMS: `${scheme}://${HOST}`,
      CLEF_AGENT_SOURCE,
    };
    return { ...at, env, reached: ready, isFailure: unwrapFailed };
  },
  async telemetry(t, scheme) {
    const receiver = await OtlpReceiver.start(t);
    const at = await named(t, scheme, Number(new URL(receiver.logsUrl).port));
    const env = {
      ...at.env,
      CLEF_AGENT_SOURCE: await fileIn(t, await pack()),
      CLEF_AGENT_TELEMETRY_URL: `${scheme}://${HOST}/v1/logs`,
    };
    const reached = (agent: AgentProcess): Promise<unknown> =>
      agent.ready().then(() => eventually("telemetry", () => receiver.requests.length > 0, 20_000));
    return { ...at, env, reached, isFailure: ({ code }) => code === "telemetry_failed" };
  },
} as const satisfies Readonly<Record<string, (t: TestContext, scheme: Scheme) => Promise<Service>>>;

/** Tokens and the KMS that takes them, at their real names, which the fake's own proxy knows. */
async function cloud(t: TestContext, fake: FakeKms): Promise<Service> {
  const { HTTPS_PROXY = "", ...env } = fake.env;
  return {
    env: { ...env, CLEF_AGENT_SOURCE: await packedFor(t, fake, { A: "b" }) },
    proxy: { next: Number(new URL(HTTPS_PROXY).port) },
    reached: ready,
    isFailure: unwrapFailed,
  };
}

/** Those that give tokens, and the KMS that wants them, at their own names. */
export const CLOUDS = {
  Google: async (t: TestContext): Promise<Service> =>
    cloud(t, await FakeGcpKms.start(t, "federation")),
  Azure: async (t: TestContext): Promise<Service> => cloud(t, await FakeAzureKms.start(t)),
} as const;

/**
 * What every service behind a proxy must do: it is reached, with a password too; the proxy is named when it is dead or
 * refuses, and passed by for what NO_PROXY names.
 */
export async function holdsBehindProxies(
  t: TestContext,
  scheme: Scheme,
  service: Service,
): Promise<void> {
  const variable = scheme === "https" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const asked =
    scheme === "https" ? /^CONNECT [\w.-]+:443$/ : /^(?:GET|POST) http:\/\/service\.example\//;
  const start = (env: Env): AgentProcess =>
    AgentProcess.start(t, {
      CLEF_AGENT_AGE_KEY: AGE_IDENTITY,
      ...service.env,
      ...env,
    });
  const works = async (credentials?: string): Promise<void> => {
    const proxy = await ForwardProxy.start(t, {
      ...service.proxy,
      ...(credentials === undefined ? {} : { credentials }),
    });
    const userInfo = credentials === undefined ? "" : `${credentials}@`;
    const agent = start({ [variable]: `${userInfo}127.0.0.1:${proxy.port}` });
    await service.reached(agent);
    await eventually("it asks the proxy", () => proxy.asked.length > 0, 20_000);
    for (const one of proxy.asked) assert.match(one, asked);
    await agent.stop();
  };
  const says = async (env: Env, expected: RegExp): Promise<void> => {
    const agent = start(env);
    const { message } = await agent.logged("the failure", service.isFailure);
    assert.match(String(message), expected);
    await agent.stop();
    assert.doesNotMatch(agent.stderr, /wrong-password/);
  };
  const asking = await ForwardProxy.start(t, { ...service.proxy, credentials: "agent:right" });
  const exempt = await ForwardProxy.start(t, service.proxy);
  const direct = start({
    [variable]: exempt.url,
    NO_PROXY: "service.example .googleapis.com *.azure.net login.microsoftonline.com",
  });
  await Promise.all([
    works(),
    works("agent:pa-ss"),
    says(
      { [variable]: "http://127.0.0.1:1" },
      new RegExp(`the proxy in ${variable} .*ECONNREFUSED`),
    ),
    says(
      { [variable]: `http://agent:wrong-password@127.0.0.1:${asking.port}` },
      new RegExp(`the proxy in ${variable} .*\\(407\\)`),
    ),
    direct.logged("a failure without a proxy", service.isFailure).then(({ message }) => {
      assert.doesNotMatch(String(message), /proxy in/);
      assert.deepEqual(exempt.asked, []);
      return direct.stop();
    }),
  ]);
}
