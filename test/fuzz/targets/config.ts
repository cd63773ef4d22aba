import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/parse-config.ts";
import { VARIABLES } from "../../../src/config/variables.ts";
import { AgentErrors } from "../../../src/errors.ts";
import { AGE_IDENTITY, VERIFY_KEY } from "../../support/artifacts.ts";
import { certificateFor } from "../../support/certificate.ts";
import type { FuzzTarget } from "../target.ts";

/** Stands in values, and must stand in no message. */
const CANARY = "zQ7xK9vW";

const { cert, key } = certificateFor(["agent.example"]);
/** What chance would break, by a short name. */
const WHOLE: Readonly<Record<string, string>> = {
  "<age>": AGE_IDENTITY,
  "<verify>": VERIFY_KEY,
  "<cert>": cert,
  "<key>": key,
  "<long>": "x".repeat(9_000),
};

interface Given {
  readonly env: Readonly<Record<string, string>>;
  /** By their paths. */
  readonly files: ReadonlyMap<string, string>;
}

/** Each line is a variable or, where its name begins with a slash, a file. */
function given(text: string): Given {
  const env: Record<string, string> = {};
  const files = new Map<string, string>();
  for (const line of text.split("\n")) {
    const at = line.indexOf("=");
    if (at <= 0) continue;
    const name = line.slice(0, at);
    const value = line
      .slice(at + 1)
      .replaceAll("\0", "")
      .replaceAll(String.raw`\n`, "\n")
      .replaceAll(/<\w+>/g, (short) => WHOLE[short] ?? short);
    if (name.startsWith("/")) files.set(name, value);
    else env[name] = value;
  }
  return { env, files };
}

const github = (rest: string): string =>
  `CLEF_AGENT_VCS_PROVIDER=github\nCLEF_AGENT_VCS_REPO=a/b\nCLEF_AGENT_VCS_TOKEN=${rest}\nCLEF_AGENT_VCS_IDENTITY=a\nCLEF_AGENT_VCS_ENVIRONMENT=b`;

const otlp = (name: string, value: string): string =>
  `OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318\nCLEF_AGENT_SOURCE=/a\nOTEL_EXPORTER_OTLP_${name}=${value}`;

const source = (text: string): string => `CLEF_AGENT_SOURCE=${text}`;

/** The environment and the files that it names, to the configuration. */
export const target: FuzzTarget = {
  maxBytes: 700,
  seeds: [
    `CLEF_AGENT_SOURCE=/artifact.json\nCLEF_AGENT_AGE_KEY=<age>\nCLEF_AGENT_CACHE_TTL=300`,
    `CLEF_AGENT_SOURCE=https://example.com/a?${CANARY}\nCLEF_AGENT_VERIFY_KEY=<verify>,${CANARY}\nHTTPS_PROXY=http://${CANARY}@proxy:1`,
    `CLEF_AGENT_SOURCE=s3://bucket/key\nCLEF_AGENT_PORT=none\nCLEF_AGENT_SOCKET=/tmp/s\nCLEF_AGENT_SOCKET_MODE=0660\nCLEF_AGENT_TOKEN=${CANARY}`,
    "CLEF_AGENT_SOURCE=az://account/container/blob\nCLEF_AGENT_FILES_DIR=/run/s\nCLEF_AGENT_FILES_FORMAT=keys,json\nCLEF_AGENT_PROBE_LISTEN=[::]:9000",
    `CLEF_AGENT_SOURCE=gs://b/o\nCLEF_AGENT_TELEMETRY_URL=https://${CANARY}:x@c/v1/logs\nOTEL_EXPORTER_OTLP_HEADERS=a=${CANARY}`,
    `CLEF_AGENT_SOURCE=https://example.com/a\nCLEF_AGENT_CA_FILE=/ca\n/ca=<cert>\nCLEF_AGENT_CA_ONLY=true\nCLEF_AGENT_CLIENT_CERT_FILE=/c\nCLEF_AGENT_CLIENT_KEY_FILE=/k\n/c=<cert>\n/k=<key>`,
    `CLEF_AGENT_SOURCE=/a\nCLEF_AGENT_AGE_KEY_FILE=/age\n/age=# made\\n<age>\\n<age>\nCLEF_AGENT_TOKEN_FILE=/token\nCLEF_AGENT_VERIFY_KEY=-----BEGIN PUBLIC KEY-----\\n<verify>\\n-----END PUBLIC KEY-----`,
    `CLEF_AGENT_SOURCE=/a\nHTTPS_PROXY=u:p@proxy:3128\nhttp_proxy=http://proxy\nNO_PROXY=localhost,.example.com,10.0.0.0/8,[fd00::1]:1, nonsense!\nSSL_CERT_FILE=/ca\nNODE_EXTRA_CA_CERTS=/none\nAWS_CA_BUNDLE=/ca\nSSL_CERT_DIR=/a:/b\n/ca=<cert><cert>`,
    "CLEF_AGENT_SOURCE=/a\nCLEF_AGENT_CACHE_TTL=0\nCLEF_AGENT_FILES_DIR=/run/s\nCLEF_AGENT_FILES_TEMPLATES=/t\nCLEF_AGENT_FILES_MODE=0400\nCLEF_AGENT_FILES_ON_DISK=allow",
    "CLEF_AGENT_SOURCE=/a\nCLEF_AGENT_SERVICE_HOST=10.0.0.1\nCLEF_AGENT_PORT=tcp://10.0.0.1:7779\nCLEF_AGENT_PORT_7779_TCP_ADDR=10.0.0.1\nCLEF_AGENT_VERFY_KEY=x",
    ...["ghp_x", "x-access-token:ghp_x", "glpat-x", "u:ghp_x"].map(github),
    ...["glpat-x", "oauth2:x", "gitlab-ci-token:x", "gldt-x", "glcbt-1_x", "u:x"].map((token) =>
      github(token).replace("github", "gitlab").replace("a/b", "g/s/p"),
    ),
    ...["ATATTx", "u@e:ATATTx", "ATBBx", "x-token-auth:x", "ATCTTx"].map((token) =>
      github(token).replace("github", "bitbucket"),
    ),
    `${github("x-access-token:0a").replace("github", "gitea")}\nCLEF_AGENT_VCS_API_URL=http://codeberg.org/api/v1\nCLEF_AGENT_VCS_REF=refs/heads/x`,
    `${github("").replace("TOKEN=", "TOKEN_FILE=/t")}\n/t=ghp_x\\n\nCLEF_AGENT_IDENTITY=a\nCLEF_AGENT_ENVIRONMENT=c`,
    ...[
      ["PROTOCOL", "http/protobuf"],
      ["PROTOCOL", "grpc"],
      ["LOGS_ENDPOINT", "https://c/v1/logs"],
      ["METRICS_ENDPOINT", "ftp://c"],
      ["COMPRESSION", "gzip\nOTEL_EXPORTER_OTLP_TIMEOUT=10000"],
      ["LOGS_HEADERS", `authorization=Basic%20${CANARY},x=a=b`],
      ["CERTIFICATE", "/ca\nOTEL_SERVICE_NAME=x\nOTEL_SDK_DISABLED=true"],
      ["CLIENT_KEY", "/ca\nOTEL_METRICS_EXPORTER=none\nOTEL_LOGS_EXPORTER=otlp,console"],
      [
        "METRICS_TEMPORALITY_PREFERENCE",
        "delta\nOTEL_RESOURCE_ATTRIBUTES=a=b,c=%20d\nOTEL_METRIC_EXPORT_INTERVAL=1000",
      ],
    ].map(([name = "", value = ""]) => otlp(name, value)),
    ...[
      "https://bucket.s3.eu-central-1.amazonaws.com/a/b?versionId=x",
      "https://s3-fips.dualstack.us-gov-west-1.amazonaws.com/bucket/key",
      "https://b.s3-accelerate.amazonaws.com/k",
      "https://ap-1.s3-accesspoint.eu-west-1.amazonaws.com/k",
      "https://bucket.vpce-1a.s3.us-east-1.vpce.amazonaws.com/b/k?X-Amz-Signature=1",
      "https://storage.googleapis.com/b/o?generation=1",
      "https://b.storage.googleapis.com/o?X-Goog-Signature=1",
      "gs://bucket/object#123",
      "https://acc.blob.core.windows.net/c/b?snapshot=1",
      "https://acc.z1.blob.storage.azure.net/c/b?sig=1",
      "s3://bucket/key?versionId=1",
      "file:///a",
    ].map(source),
  ],
  words: [
    ...VARIABLES.map(({ name }) => `\n${name}=`),
    ..."CERTIFICATE COMPRESSION ENDPOINT HEADERS PROTOCOL TIMEOUT LOGS_PROTOCOL METRICS_HEADERS"
      .split(" ")
      .map((name) => `\nOTEL_EXPORTER_OTLP_${name}=`),
    ..."HTTPS_PROXY http_proxy NO_PROXY SSL_CERT_FILE SSL_CERT_DIR AWS_CA_BUNDLE OTEL_SDK_DISABLED OTEL_RESOURCE_ATTRIBUTES OTEL_SERVICE_NAME OTEL_LOGS_EXPORTER AWS_LAMBDA_RUNTIME_API"
      .split(" ")
      .map((name) => `\n${name}=`),
    ...Object.keys(WHOLE),
    ..."_FILE = /ca / AGE-PLUGIN-X-1 age1 https:// http:// :// @ tcp:// s3:// gs:// az:// ? # %2e%2e 0 -1 1e3 % , : [::1]".split(
      " ",
    ),
    ..."none true false gzip grpc github gitlab bitbucket gitea keys json dotenv debug 0600 MC4CAQAwBQYDK2VwBCIEI".split(
      " ",
    ),
    CANARY,
    "\n",
    "\n/ca=",
    String.raw`\n`,
    "ssh-ed25519 ",
    "-----BEGIN CERTIFICATE-----",
    "-----END CERTIFICATE-----",
    "-----BEGIN PRIVATE KEY-----",
    '{"kty":"OKP","d":"',
    "\u200b",
    "\ufeff",
  ].map((word) => Buffer.from(word).toString("latin1")),
  async run(input) {
    const { env, files } = given(input.toString("utf8"));
    try {
      await parseConfig(env, (path) => {
        const text = files.get(path);
        if (text === undefined) throw new Error("the file does not exist");
        return text;
      });
    } catch (error) {
      if (!(error instanceof AgentErrors)) throw error;
      assert.ok(error.errors.length > 0);
      const names = Object.keys(env).some((name) => name.includes(CANARY));
      for (const { message } of error.errors) {
        assert.ok(!message.includes("\n"));
        assert.ok(names || !message.includes(CANARY), `a value is repeated: ${message}`);
        assert.ok(!message.includes(AGE_IDENTITY.slice(20)), "an identity is repeated");
      }
    }
  },
};
