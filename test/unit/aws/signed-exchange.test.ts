import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { signedExchange } from "../../../src/aws/signed-exchange.ts";
import { listening } from "../../support/listening.ts";
import { type Expectation, type Verdict, verifySignature } from "../../support/sigv4.ts";
import { DIRECT } from "../../support/network.ts";

const signal = new AbortController().signal;
const KEY = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const TEMPORARY = { ...KEY, accessKeyId: "ASIAEXAMPLE", sessionToken: "tok/en+=" };
const KEYS = { [KEY.accessKeyId]: KEY, [TEMPORARY.accessKeyId]: TEMPORARY };

/** A server that answers with its verdict on the signature of what it is asked. */
async function judge(t: TestContext, service: Expectation["service"]): Promise<string> {
  const port = await listening(t, (request, response) => {
    const { method = "", url: target = "", headers } = request;
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const verdict = verifySignature(
        { method, target, headers, body: Buffer.concat(chunks) },
        { service, region: "eu-west-1", keys: KEYS, nowMs: Date.now() },
      );
      response.end(JSON.stringify(verdict));
    });
  });
  return `http://127.0.0.1:${port}`;
}

async function verdictOn(exchanged: ReturnType<typeof signedExchange>): Promise<Verdict> {
  const answer = await exchanged;
  assert.ok(answer.kind === "answer");
  return JSON.parse(answer.bytes.toString()) as Verdict;
}

describe("a signed request", () => {
  for (const path of [
    "/bucket/key",
    "/bucket/a%20b%2Bc/%C3%A9%21%27%28%29%2A",
    "/bucket//twice",
    "/bucket/key?versionId=a%2Bb%2F%3D&x=1",
  ]) {
    test(`to S3 for ${path} is accepted`, async (t) => {
      const url = new URL(path, await judge(t, "s3"));
      const headers = { "if-none-match": '"x"', "accept-encoding": "identity" };
      for (const credentials of [KEY, TEMPORARY]) {
        const scope = { service: "s3", region: "eu-west-1", credentials } as const;
        const verdict = await verdictOn(
          signedExchange(scope, { network: DIRECT, method: "GET", url, headers, signal }),
        );
        assert.deepEqual(verdict, { kind: "signed", accessKeyId: credentials.accessKeyId });
      }
    });
  }

  test("to KMS is accepted with its body", async (t) => {
    const url = new URL(await judge(t, "kms"));
    const headers = {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "TrentService.Decrypt",
    };
    const scope = { service: "kms", region: "eu-west-1", credentials: TEMPORARY } as const;
    const request = {
      network: DIRECT,
      method: "POST",
      url,
      headers,
      body: '{"KeyId":"é"}',
      signal,
    } as const;
    const verdict = await verdictOn(signedExchange(scope, request));
    assert.deepEqual(verdict, { kind: "signed", accessKeyId: TEMPORARY.accessKeyId });
  });

  test("with another secret is refused", async (t) => {
    const url = new URL("/bucket/key", await judge(t, "s3"));
    const credentials = { ...KEY, secretAccessKey: "another" };
    const scope = { service: "s3", region: "eu-west-1", credentials } as const;
    const verdict = await verdictOn(
      signedExchange(scope, { network: DIRECT, method: "GET", url, headers: {}, signal }),
    );
    assert.deepEqual(verdict, { kind: "refused", why: "signature_wrong" });
  });

  test("hands a redirect to the caller, and its signature to nobody else", async (t) => {
    let asked = 0;
    const elsewhere = await listening(t, (_, response) => {
      asked++;
      response.end();
    });
    const redirecting = await listening(t, (_, response) =>
      response.writeHead(307, { location: `http://127.0.0.1:${elsewhere}` }).end(),
    );
    const scope = { service: "s3", region: "eu-west-1", credentials: KEY } as const;
    const url = new URL(`http://127.0.0.1:${redirecting}/bucket/key`);
    const answer = await signedExchange(scope, {
      network: DIRECT,
      method: "GET",
      url,
      headers: {},
      signal,
    });
    assert.ok(answer.kind === "answer");
    assert.equal(answer.status, 307);
    assert.equal(asked, 0);
  });
});
