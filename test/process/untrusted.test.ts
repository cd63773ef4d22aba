import assert from "node:assert/strict";
import { connect } from "node:net";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { AgentProcess, type LogLine } from "../support/agent-process.ts";
import { AGE_IDENTITY, pack } from "../support/artifacts.ts";
import { certificateFor } from "../support/certificate.ts";
import { FakeAwsKms } from "../support/kms/aws.ts";
import { FakeAzureKms } from "../support/kms/azure.ts";
import { FakeGcpKms } from "../support/kms/gcp.ts";
import { packedFor } from "../support/kms/pack-for.ts";
import { opened, portOf } from "../support/names-here.ts";
import { OtlpReceiver } from "../support/otlp-receiver.ts";
import { temporaryDirectory } from "../support/temporary.ts";

type Env = Readonly<Record<string, string>>;

/** An agent in its environment, and the line that it must not say without a certificate. */
interface Case {
  readonly env: Env;
  readonly isFailure: (line: LogLine) => boolean;
}

const kmsFailed = ({ reason }: LogLine): boolean => reason === "kms_unwrap";

/** `port` behind a certificate that nobody vouches for. */
async function secured(t: TestContext, port: number): Promise<string> {
  const front = createTlsServer(certificateFor(["127.0.0.1"]), (socket) => {
    const behind = connect(port, "127.0.0.1");
    behind.on("error", () => socket.destroy());
    socket.on("error", () => behind.destroy());
    socket.pipe(behind).pipe(socket);
  });
  return `https://127.0.0.1:${portOf(await opened(t, front))}`;
}

const CASES: Readonly<Record<string, (t: TestContext) => Promise<Case>>> = {
  async "a KMS"(t) {
    const fake = await FakeAwsKms.start(t);
    const CLEF_AGENT_SOURCE = await packedFor(t, fake, { A: "b" });
    const { port } = new URL(fake.env["AWS_ENDPOINT_URL_KMS"] ?? "");
    const AWS_ENDPOINT_URL_KMS = await secured(t, Number(port));
    return { env: { ...fake.env, AWS_ENDPOINT_URL_KMS, CLEF_AGENT_SOURCE }, isFailure: kmsFailed };
  },
  async "what gives Google's tokens"(t) {
    const fake = await FakeGcpKms.start(t, "federation");
    const { NODE_EXTRA_CA_CERTS: _, ...env } = fake.env;
    const CLEF_AGENT_SOURCE = await packedFor(t, fake, { A: "b" });
    return { env: { ...env, CLEF_AGENT_SOURCE }, isFailure: kmsFailed };
  },
  async "what gives Azure's tokens"(t) {
    const fake = await FakeAzureKms.start(t);
    const { NODE_EXTRA_CA_CERTS: _, ...env } = fake.env;
    const CLEF_AGENT_SOURCE = await packedFor(t, fake, { A: "b" });
    return { env: { ...env, CLEF_AGENT_SOURCE }, isFailure: kmsFailed };
  },
  async "a collector"(t) {
    const receiver = await OtlpReceiver.start(t);
    const origin = await secured(t, Number(new URL(receiver.logsUrl).port));
    const CLEF_AGENT_SOURCE = join(await temporaryDirectory(t), "a.json");
    await writeFile(CLEF_AGENT_SOURCE, await pack());
    return {
      env: { CLEF_AGENT_SOURCE, CLEF_AGENT_TELEMETRY_URL: `${origin}/v1/logs` },
      isFailure: ({ code }) => code === "telemetry_failed",
    };
  },
};

describe(
  "a certificate that nobody vouches for is named with the variable that helps, of",
  { concurrency: true },
  () => {
    for (const [what, open] of Object.entries(CASES)) {
      test(what, async (t) => {
        const { env, isFailure } = await open(t);
        const agent = AgentProcess.start(t, { CLEF_AGENT_AGE_KEY: AGE_IDENTITY, ...env });
        const { message } = await agent.logged("the failure", isFailure);
        assert.match(
          String(message),
          /shows (?:through the proxy in HTTPS_PROXY \(.*\) )?a certificate whose issuer is not trusted \([A-Z_]+\); name a file with its CA in CLEF_AGENT_CA_FILE/,
        );
        await agent.stop();
      });
    }
  },
);
