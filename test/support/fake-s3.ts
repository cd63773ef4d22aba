import { createHash } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type KnownKey, type Refusal, verifySignature } from "./sigv4.ts";

export interface FakeBucket {
  readonly region: string;
  readonly objects: Map<string, Uint8Array>;
  /** Whoever is not named here is denied; `*` is everybody, with a signature or without. */
  readonly readers: readonly string[];
}

/** What S3 does instead of looking for the object, once it has accepted the signature. */
export type S3Behaviour = (response: ServerResponse, body: Uint8Array) => void;

export interface Seen {
  readonly host: string;
  readonly target: string;
  readonly signed: boolean;
  readonly conditional: boolean;
}

/**
 * S3 as far as GET of an object goes, in its paths, headers, error documents and order of checks: it
 * verifies the signature of every request, and a path that is not encoded as its documentation
 * says is refused.
 */
export class FakeS3 {
  readonly keys = new Map<string, KnownKey>();
  readonly expiredTokens = new Set<string>();
  readonly buckets = new Map<string, FakeBucket>();
  /** The region that it answers for, at whatever host it is called without one. */
  region = "eu-west-1";
  /** How far its clock is ahead. */
  clockAheadMs = 0;
  behaviour: S3Behaviour | undefined;
  readonly seen: Seen[] = [];
  /** Bytes of objects that were sent. */
  sentBytes = 0;

  readonly listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => this.#answer(request, response, Buffer.concat(chunks)));
  };

  /** The bucket and all in it, as if it had been there. */
  put(bucket: string, key: string, bytes: Uint8Array, about: Partial<FakeBucket> = {}): void {
    const { objects = new Map<string, Uint8Array>(), readers = ["*"] } = {
      ...this.buckets.get(bucket),
      ...about,
    };
    const region = about.region ?? this.buckets.get(bucket)?.region ?? this.region;
    this.buckets.set(bucket, { region, objects: objects.set(key, bytes), readers });
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const { method = "", url: target = "", headers } = request;
    const place = placeOf(headers.host ?? "", target);
    const bucket = this.buckets.get(place.bucket);
    const here = place.region ?? this.region;
    const nowMs = Date.now() + this.clockAheadMs;
    response.setHeader("server", "AmazonS3");
    response.setHeader("date", new Date(nowMs).toUTCString());
    response.setHeader("x-amz-request-id", "4442587FB7D0A2F9");

    const verdict = verifySignature(
      { method, target, headers, body },
      { service: "s3", region: here, keys: Object.fromEntries(this.keys), nowMs },
    );
    const signed = verdict.kind === "signed";
    const conditional = headers["if-none-match"] !== undefined;
    this.seen.push({ host: headers.host ?? "", target, signed, conditional });

    if (verdict.kind === "refused") {
      const refusal = REFUSALS[verdict.why];
      const region = verdict.why === "wrong_region" ? (bucket?.region ?? here) : undefined;
      sendError(response, { ...refusal, ...(region === undefined ? {} : { region }) });
      return;
    }
    if (this.expiredTokens.has(String(headers["x-amz-security-token"]))) {
      sendError(response, { status: 400, code: "ExpiredToken" });
      return;
    }
    if (bucket === undefined) {
      sendError(response, { status: 404, code: "NoSuchBucket" });
      return;
    }
    if (bucket.region !== here) {
      // The region is in the header only.
      response.setHeader("x-amz-bucket-region", bucket.region);
      sendError(response, { status: 301, code: "PermanentRedirect" });
      return;
    }
    const reader = verdict.kind === "signed" ? verdict.accessKeyId : "nobody";
    if (!bucket.readers.includes("*") && !bucket.readers.includes(reader)) {
      sendError(response, { status: 403, code: "AccessDenied" });
      return;
    }
    this.#sendObject(request, response, bucket.objects.get(place.key));
  }

  #sendObject(
    request: IncomingMessage,
    response: ServerResponse,
    object: Uint8Array | undefined,
  ): void {
    if (this.behaviour !== undefined) {
      this.behaviour(response, object ?? Buffer.alloc(0));
      return;
    }
    if (object === undefined) {
      sendError(response, { status: 404, code: "NoSuchKey" });
      return;
    }
    const etag = `"${createHash("md5").update(object).digest("hex")}"`;
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304, { etag }).end();
      return;
    }
    this.sentBytes += object.length;
    response.writeHead(200, {
      etag,
      "content-length": object.length,
      "content-type": "binary/octet-stream",
      "accept-ranges": "bytes",
      "last-modified": "Tue, 24 Nov 2026 10:00:00 GMT",
    });
    response.end(object);
  }
}

interface S3Error {
  readonly status: number;
  readonly code: string;
  readonly region?: string;
}

/** What S3 answers to a signature that it does not accept. */
const REFUSALS: Readonly<Record<Refusal, S3Error>> = {
  malformed: { status: 400, code: "AuthorizationHeaderMalformed" },
  wrong_region: { status: 400, code: "AuthorizationHeaderMalformed" },
  unknown_key: { status: 403, code: "InvalidAccessKeyId" },
  bad_token: { status: 400, code: "InvalidToken" },
  skewed: { status: 403, code: "RequestTimeTooSkewed" },
  body_hash_missing: { status: 400, code: "InvalidRequest" },
  body_hash_wrong: { status: 400, code: "XAmzContentSHA256Mismatch" },
  header_not_signed: { status: 403, code: "AccessDenied" },
  path_not_encoded: { status: 403, code: "SignatureDoesNotMatch" },
  expired: { status: 403, code: "AccessDenied" },
  signature_wrong: { status: 403, code: "SignatureDoesNotMatch" },
};

function sendError(response: ServerResponse, { status, code, region }: S3Error): void {
  const element = region === undefined ? "" : `<Region>${region}</Region>`;
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>For people.</Message>${element}<RequestId>4442587FB7D0A2F9</RequestId><HostId>x</HostId></Error>`,
  );
}

/** Answers with an error of S3, whatever is asked for. */
export function failing(
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): S3Behaviour {
  return (response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    sendError(response, { status, code });
  };
}

const AWS_HOST =
  /^(?:(?<bucket>.+)\.)?s3(?:-fips)?(?:\.dualstack)?\.(?<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/** Bucket and key of a request, by host or by path. */
function placeOf(
  host: string,
  target: string,
): { readonly bucket: string; readonly key: string; readonly region: string | undefined } {
  const aws = AWS_HOST.exec(host)?.groups;
  const path = decodeURIComponent(target.split("?")[0] ?? "").slice(1);
  const region = aws?.["region"];
  if (aws?.["bucket"] !== undefined) return { bucket: aws["bucket"], key: path, region };
  const slash = path.indexOf("/");
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1), region };
}
