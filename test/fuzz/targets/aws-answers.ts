import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { AgentError } from "../../../src/errors.ts";
import { awsKms } from "../../../src/kms/aws.ts";
import { networkIn } from "../../support/network.ts";
import type { FuzzTarget } from "../target.ts";

const KEY = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0000-1111-2222-333344445555";
const CANARY = "zQ7xK9vW";
/** AWS's library asks a service that failed again and again, for three seconds. */
const PATIENCE_MS = 250;
const CREDENTIALS = JSON.stringify({
  AccessKeyId: "AKIDEXAMPLE",
  SecretAccessKey: "wJalrXUtnFEMI",
  Token: "t",
  Expiration: "2999-01-01T00:00:00Z",
});
const DATA_KEY = JSON.stringify({
  KeyId: KEY,
  Plaintext: Buffer.alloc(32, 7).toString("base64"),
  EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
});

const answers: { credentials: Buffer; kms: Buffer } = {
  credentials: Buffer.from(CREDENTIALS),
  kms: Buffer.from(DATA_KEY),
};

/** As it is where it is a whole answer; otherwise as the body of a good one. */
function http(bytes: Buffer): Buffer {
  // A server error is asked for once more after a pause, which would be most of the time.
  const text = bytes.toString("latin1").replace(/^(HTTP\/1\.[01] )5/, "$14");
  if (text.startsWith("HTTP/1.")) return Buffer.from(text, "latin1");
  const head = `HTTP/1.1 200 OK\r\ncontent-length: ${bytes.length}\r\nconnection: close\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

const server = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.once("data", (request: Buffer) => {
    const isKms = request.toString("latin1").startsWith("POST");
    socket.end(http(isKms ? answers.kms : answers.credentials));
  });
});
await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
const env = {
  HOME: "/nonexistent",
  AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/credentials`,
  AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${port}`,
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_REGION: "eu-central-1",
};
const network = networkIn({});

/** What AWS KMS and the service of a task's credentials answer, on a real socket; the first byte says which. */
export const target: FuzzTarget = {
  maxBytes: 600,
  close: () => server.close(),
  seeds: [
    `k${DATA_KEY}`,
    `c${CREDENTIALS}`,
    `kHTTP/1.1 400 Bad Request\r\nx-amzn-errortype: AccessDeniedException\r\ncontent-length: 2\r\n\r\n{}`,
    `kHTTP/1.1 400 x\r\ncontent-length: 38\r\n\r\n{"__type":"a#InvalidCiphertextException"}`,
    `cHTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n`,
  ],
  words: [
    "HTTP/1.1 400 x\r\n",
    "\r\n",
    "content-length: ",
    "__type",
    "Exception",
    "Throttling",
    "DisabledException",
    CANARY,
    '"Plaintext":"',
    '"KeyId":"',
    "null",
    "{",
    "}",
  ],
  async run(input) {
    const before = process.env;
    process.env = env;
    const isKms = input[0] !== "c".charCodeAt(0);
    const answer = input.subarray(1);
    answers.kms = isKms ? answer : Buffer.from(DATA_KEY);
    answers.credentials = isKms ? Buffer.from(CREDENTIALS) : answer;
    try {
      const kms = awsKms({ network, signal: AbortSignal.timeout(PATIENCE_MS) });
      const dataKey = await kms.unwrap(KEY, Buffer.from("wrapped"));
      assert.ok(Buffer.isBuffer(dataKey));
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      assert.equal(error.code, "kms_unwrap");
      assert.ok(!/[\n\r]/.test(error.message));
      assert.ok(!error.message.includes("wJalrXUtnFEMI"), "a credential is in the message");
    } finally {
      process.env = before;
    }
  },
};
