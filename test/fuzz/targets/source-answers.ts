import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/parse-config.ts";
import { AgentError } from "../../../src/errors.ts";
import { openSource } from "../../../src/source/open.ts";
import { createLog } from "../../../src/telemetry/log.ts";
import { networkIn } from "../../support/network.ts";
import { ANSWER_WORDS, answers, hurry } from "../support/raw-answers.ts";
import type { FuzzTarget } from "../target.ts";

/** Is sent as a credential, and must stand in no message. */
const SECRET = "s3cr3t-zQ7xK9vW";
const PATIENCE_MS = 2_000;

const origin = await answers((request) =>
  / HEAD | \/repositories\/g\/p\?/.test(request)
    ? '{"mainbranch":{"name":"main"}}'
    : '{"version":1}',
);
const here = `http://127.0.0.1:${origin.port}`;
const unhurry = hurry(5_000);

const vcs = (provider: string, token: string): Readonly<Record<string, string>> => ({
  CLEF_AGENT_VCS_PROVIDER: provider,
  CLEF_AGENT_VCS_REPO: "g/p",
  CLEF_AGENT_VCS_TOKEN: token,
  CLEF_AGENT_VCS_IDENTITY: "api",
  CLEF_AGENT_VCS_ENVIRONMENT: "production",
  CLEF_AGENT_VCS_API_URL: here,
});

/** What is asked, by the first byte of the input: how the agent is configured, and what the cloud's own variables say. */
const SOURCES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ["u", { CLEF_AGENT_SOURCE: `http://user:${SECRET}@127.0.0.1:${origin.port}/a.json` }],
  [
    "s",
    {
      CLEF_AGENT_SOURCE: "s3://bucket/key",
      AWS_ENDPOINT_URL_S3: here,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: SECRET,
    },
  ],
  ["c", { CLEF_AGENT_SOURCE: "gs://bucket/object", STORAGE_EMULATOR_HOST: here }],
  [
    "z",
    {
      CLEF_AGENT_SOURCE: "az://account/container/blob",
      AZURE_STORAGE_CONNECTION_STRING: `AccountName=account;AccountKey=${Buffer.from(SECRET).toString("base64")};BlobEndpoint=${here}/account`,
    },
  ],
  ["h", vcs("github", `ghp_${SECRET}`)],
  ["l", vcs("gitlab", `glpat-${SECRET}`)],
  ["b", vcs("bitbucket", SECRET)],
  ["t", vcs("gitea", SECRET)],
]);

const network = networkIn({});
const log = createLog({ level: "debug", format: "json", write: () => undefined, now: () => 0 });
const noFile = (): never => {
  throw new Error("the file does not exist");
};

const said = (head: string, body = ""): string =>
  `HTTP/1.1 ${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const s3 = (code: string, region = ""): string =>
  `<Error><Code>${code}</Code><Region>${region}</Region></Error>`;

/** What every kind of source answers, on a real socket. */
export const target: FuzzTarget = {
  maxBytes: 700,
  close() {
    unhurry();
    origin.close();
  },
  seeds: [
    'u{"version":1}',
    `uHTTP/1.1 302 x\r\nlocation: ${here}/b\r\n\r\n<next>{}`,
    "UHTTP/1.1 304 x\r\netag: x\r\n\r\n",
    `u${said("429 x\r\nretry-after: 7")}`,
    `u${said("401 x")}`,
    `u${said("503 x\r\nretry-after: Wed, 21 Oct 2099 07:28:00 GMT")}`,
    "uHTTP/1.1 200 x\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc",
    `s${said("301 x\r\nx-amz-bucket-region: us-east-1", s3("PermanentRedirect"))}<next>{}`,
    `s${said("400 x", s3("AuthorizationHeaderMalformed", "us-west-2"))}<next>{}`,
    ...["NoSuchKey", "AccessDenied", "ExpiredToken", "SlowDown", "RequestTimeTooSkewed"].map(
      (code) => `s${said("403 x", s3(code))}<next>`,
    ),
    "C<next>",
    `c${said("403 x", '{"error":{"errors":[{"reason":"forbidden"}]}}')}`,
    `c${said("404 x", "No such object")}`,
    `z${said("404 x\r\nx-ms-error-code: BlobNotFound")}`,
    `z${said("403 x\r\nx-ms-error-code: AuthenticationFailed", "<Error><Code>AuthenticationFailed</Code></Error>")}`,
    `h${said("404 x", '{"message":"Not Found"}')}<next>${said("422 x")}`,
    `h${said("403 x\r\nx-ratelimit-remaining: 0\r\nx-ratelimit-reset: 99999999999\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT")}`,
    `h${said("403 x", '{"message":"secondary rate limit"}')}`,
    `h${said("403 x\r\nx-github-sso: required; url=https://x")}`,
    `l${said("404 x", '{"message":"404 Project Not Found"}')}`,
    `L${said("200 x\r\nx-gitlab-blob-id: x")}`,
    `b{"mainbranch":{"name":"main"}}<next>{"commit":{"hash":"abc"}}<next>{}`,
    `b{"mainbranch":{"name":"a/b"}}<next>${said("404 x")}<next>{"target":{"hash":"abc"}}<next>{}`,
    `b{"mainbranch":{"name":"m"}}<next>${said("404 x")}<next>${said("404 x")}<next>${said("200 x", "{}")}`,
    `t${said("404 x", "{}")}<next>{"empty":true}`,
    `t${said("404 x", "{}")}<next>{"empty":false}`,
    `t${said("200 x\r\ncontent-type: text/html", "<html>")}`,
  ],
  words: [
    ...ANSWER_WORDS,
    here,
    ..."Error Code Region Message".split(" ").flatMap((name) => [`<${name}>`, `</${name}>`]),
    ..."NoSuchKey NoSuchBucket AccessDenied ExpiredToken SlowDown SignatureDoesNotMatch TemporaryRedirect InvalidAccessKeyId RequestTimeTooSkewed us-east-1".split(
      " ",
    ),
    ..."x-amz-bucket-region x-goog-generation x-ms-error-code x-github-sso x-gitlab-blob-id"
      .split(" ")
      .map((name) => `${name}: `),
    ..."message mainbranch name commit target hash empty error errors reason"
      .split(" ")
      .map((name) => `"${name}":`),
  ],
  async run(input) {
    const letter = input.toString("latin1", 0, 1);
    const own = SOURCES.get(letter.toLowerCase()) ?? SOURCES.get("u") ?? {};
    const before = process.env;
    process.env = { HOME: "/nonexistent", ...own };
    origin.begin(input.subarray(1));
    try {
      const { source } = await parseConfig(own, noFile);
      const opened = await openSource(source, { log, network });
      const etag = letter === letter.toLowerCase() ? undefined : "x";
      const answer = await opened.fetch({ etag, signal: AbortSignal.timeout(PATIENCE_MS) });
      assert.ok(etag !== undefined || answer.kind === "bytes");
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      assert.match(error.code, /^source_/);
      assert.ok(!/[\n\r]/.test(error.message), "more than a line");
      assert.ok(!error.message.includes(SECRET), "a credential is in the message");
      const { retryAfterMs = 0 } = error;
      assert.ok(Number.isFinite(retryAfterMs) && retryAfterMs >= 0);
    } finally {
      process.env = before;
    }
  },
};
