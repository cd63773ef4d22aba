import type { TestContext } from "node:test";
import { CredentialChain } from "../../src/aws/credentials.ts";
import { s3Source } from "../../src/source/s3.ts";
import { awsEnvironment } from "../support/aws-environment.ts";
import { failing, FakeS3, type S3Behaviour } from "../support/fake-s3.ts";
import { inPieces, listening } from "../support/listening.ts";
import { DIRECT } from "../support/network.ts";
import { type Origin, sourceContract } from "./source.contract.ts";

const SECRET = "alpha-secret";
const KEY = {
  accessKeyId: "ASIAEXAMPLE",
  secretAccessKey: `${SECRET}-key/+=`,
  sessionToken: `${SECRET}-token/+=`,
};
const BUCKET = "artifacts";
const OBJECT = "packed/api gateway/prod+eu (ü)!.age.json";

async function openS3Origin(t: TestContext): Promise<Origin> {
  const s3 = new FakeS3();
  s3.keys.set(KEY.accessKeyId, KEY);
  const port = await listening(t, s3.listener);
  awsEnvironment({
    AWS_REGION: "eu-west-1",
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
  });
  const does = (behaviour: S3Behaviour): (() => Promise<void>) => {
    return async () => {
      s3.put(BUCKET, OBJECT, s3.buckets.get(BUCKET)?.objects.get(OBJECT) ?? Buffer.alloc(0));
      s3.behaviour = behaviour;
    };
  };
  return {
    source: await s3Source(
      { bucket: BUCKET, key: OBJECT, query: [], host: undefined },
      {
        network: DIRECT,
        deadlineMs: 2_000,
        credentials: new CredentialChain(DIRECT, () => async () => KEY),
      },
    ),
    credential: SECRET,
    async holds(bytes) {
      s3.behaviour = undefined;
      s3.keys.set(KEY.accessKeyId, KEY);
      s3.put(BUCKET, OBJECT, bytes, { readers: [KEY.accessKeyId] });
    },
    sentBytes: () => s3.sentBytes,
    sendsSlowly: does((response, bytes) => inPieces(bytes, response.writeHead(200))),
    // A signature holds for one host; what S3 means by a redirect is another region.
    redirects: null,
    failures: {
      async notFound() {
        s3.put(BUCKET, "another", Buffer.alloc(1));
      },
      async forbidden() {
        s3.put(BUCKET, OBJECT, Buffer.alloc(1), { readers: ["somebody else"] });
        return undefined;
      },
      async unauthorized() {
        s3.keys.delete(KEY.accessKeyId);
      },
      serverError: does(failing(500, "InternalError")),
      rateLimited: does(failing(503, "SlowDown", { "retry-after": "7" })),
      hangs: does((response) => void response.writeHead(200).write("{")),
      cutShort: does((response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("{", () => response.destroy());
      }),
      tooLarge: does((response) => {
        const chunk = Buffer.alloc(1024 * 1024);
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on("drain", more);
        more();
      }),
    },
  };
}

sourceContract({ name: "S3", type: "s3", open: openS3Origin });
