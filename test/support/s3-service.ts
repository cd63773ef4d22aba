import assert from "node:assert/strict";
import { CredentialChain } from "../../src/aws/credentials.ts";
import { ARTIFACT_MAX_BYTES } from "../../src/limits.ts";
import { s3Source } from "../../src/source/s3.ts";
import type { Origin } from "../contract/source.contract.ts";
import { awsEnvironment } from "./aws-environment.ts";
import { signatureHeaders, uriEncode } from "./sigv4.ts";
import { DIRECT } from "./network.ts";

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A server that somebody else wrote, which speaks like S3 and holds one bucket for a test. */
export interface S3Service {
  readonly address: string;
  readonly bucket: string;
  /** May do everything. */
  readonly owner: Key;
  /** Is known, but may not read; or why there is nobody like that. */
  readonly stranger: Key | string;
}

const REGION = "us-east-1";
const OBJECT = "packed/api gateway/prod (ü)!.age.json";

/** An object there as the origin of a source. Objects come and go by requests that the tests sign. */
export async function s3ServiceOrigin(service: S3Service): Promise<Origin> {
  const { address, bucket, owner, stranger } = service;
  awsEnvironment({ AWS_ENDPOINT_URL_S3: address });
  const object = new URL(`${address}/${bucket}/${OBJECT.split("/").map(uriEncode).join("/")}`);
  let key = owner;
  const sends = async (method: "PUT" | "DELETE", url: URL, bytes?: Uint8Array): Promise<void> => {
    const body = Buffer.from(bytes ?? []);
    const headers = signatureHeaders({ method, url, body, key: owner, region: REGION });
    const response = await fetch(url, { method, headers, body });
    assert.ok(response.ok, `${method} gave ${response.status}: ${await response.text()}`);
  };
  await sends("PUT", new URL(`${address}/${bucket}`));
  const source = await s3Source(
    { bucket, key: OBJECT, query: [], host: undefined },
    { network: DIRECT, credentials: new CredentialChain(DIRECT, () => async () => key) },
  );
  return {
    source,
    credential: owner.secretAccessKey,
    async holds(bytes) {
      key = owner;
      await sends("PUT", object, bytes);
    },
    // Counted where we are the server.
    sentBytes: null,
    sendsSlowly: null,
    redirects: null,
    failures: {
      async notFound() {
        await sends("PUT", object, Buffer.alloc(1));
        await sends("DELETE", object);
      },
      async forbidden() {
        if (typeof stranger === "string") return stranger;
        await sends("PUT", object, Buffer.alloc(1));
        key = stranger;
        return undefined;
      },
      async unauthorized() {
        key = { ...owner, accessKeyId: "AKIANOBODY0000000000" };
      },
      serverError: null,
      rateLimited: null,
      hangs: null,
      cutShort: null,
      tooLarge: () => sends("PUT", object, Buffer.alloc(ARTIFACT_MAX_BYTES + 1)),
    },
  };
}
