import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/**
 * Signature Version 4 as a service checks it, written from its specification (IAM User Guide, "Create
 * a signed AWS API request"; Amazon S3 API Reference, "Authenticating Requests"), with nothing of what
 * the agent signs with.
 */

export interface KnownKey {
  readonly secretAccessKey: string;
  /** The session token that must come with the key, for temporary credentials. */
  readonly sessionToken?: string;
}

export interface ReceivedRequest {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Expectation {
  readonly service: "s3" | "kms" | "sts";
  readonly region: string;
  readonly keys: Readonly<Record<string, KnownKey>>;
  readonly nowMs: number;
}

export type Verdict =
  | { readonly kind: "signed"; readonly accessKeyId: string }
  | { readonly kind: "unsigned" }
  | { readonly kind: "refused"; readonly why: Refusal };

export type Refusal =
  | "malformed"
  | "wrong_region"
  | "unknown_key"
  | "bad_token"
  | "skewed"
  | "body_hash_missing"
  | "body_hash_wrong"
  | "header_not_signed"
  | "path_not_encoded"
  | "expired"
  | "signature_wrong";

const FIFTEEN_MINUTES_MS = 15 * 60 * 1000;

const refused = (why: Refusal): Verdict => ({ kind: "refused", why });

/** What a service makes of the signature of a request, in its headers or (presigned) in its query. */
export function verifySignature(request: ReceivedRequest, expected: Expectation): Verdict {
  const query = queryOf(request.target);
  const authorization = header(request, "authorization");
  if (authorization !== undefined) return verifyHeaders(request, authorization, expected);
  if (query.some(([name]) => name === "X-Amz-Algorithm")) return verifyPresigned(request, expected);
  return { kind: "unsigned" };
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

function verifyHeaders(
  request: ReceivedRequest,
  authorization: string,
  expected: Expectation,
): Verdict {
  const parts = AUTHORIZATION.exec(authorization);
  if (parts === null) return refused("malformed");
  const [, keyId = "", day = "", region = "", service = "", names = "", signature = ""] = parts;
  if (service !== expected.service) return refused("malformed");
  if (region !== expected.region) return refused("wrong_region");
  const key = expected.keys[keyId];
  if (key === undefined) return refused("unknown_key");
  if (header(request, "x-amz-security-token") !== key.sessionToken) return refused("bad_token");
  const date = header(request, "x-amz-date") ?? "";
  if (!date.startsWith(day) || Math.abs(millis(date) - expected.nowMs) > FIFTEEN_MINUTES_MS) {
    return refused("skewed");
  }

  const signed = names.split(";");
  if (signed.toSorted().join(";") !== names) return refused("malformed");
  const mustBeSigned = Object.keys(request.headers).filter(
    (name) => name === "host" || name === "content-type" || name.startsWith("x-amz-"),
  );
  if (mustBeSigned.some((name) => !signed.includes(name))) return refused("header_not_signed");

  const bodyHash = sha256(request.body);
  const declared = header(request, "x-amz-content-sha256");
  if (declared === undefined && service === "s3") return refused("body_hash_missing");
  if (declared !== undefined && declared !== bodyHash) return refused("body_hash_wrong");

  const canonical = canonicalRequest(request, service, queryOf(request.target), signed, bodyHash);
  if (canonical === undefined) return refused("path_not_encoded");
  const wanted = sign({ canonical, date, day, region, service, secret: key.secretAccessKey });
  return same(wanted, signature)
    ? { kind: "signed", accessKeyId: keyId }
    : refused("signature_wrong");
}

function verifyPresigned(request: ReceivedRequest, expected: Expectation): Verdict {
  const query = queryOf(request.target);
  const get = (name: string): string => query.find(([key]) => key === `X-Amz-${name}`)?.[1] ?? "";
  const [keyId = "", day = "", region = "", service = ""] = get("Credential").split("/");
  const key = expected.keys[keyId];
  if (key === undefined) return refused("unknown_key");
  if (region !== expected.region) return refused("wrong_region");
  const date = get("Date");
  if (millis(date) + Number(get("Expires")) * 1000 < expected.nowMs) return refused("expired");
  const others = query.filter(([name]) => name !== "X-Amz-Signature");
  const signed = get("SignedHeaders").split(";");
  const canonical = canonicalRequest(request, service, others, signed, "UNSIGNED-PAYLOAD");
  if (canonical === undefined) return refused("path_not_encoded");
  const wanted = sign({ canonical, date, day, region, service, secret: key.secretAccessKey });
  return same(wanted, get("Signature"))
    ? { kind: "signed", accessKeyId: keyId }
    : refused("signature_wrong");
}

/** A presigned URL as the AWS command line makes it. */
export function presigned(
  url: URL,
  key: { readonly accessKeyId: string; readonly secretAccessKey: string },
  { region, nowMs, expiresSeconds }: { region: string; nowMs: number; expiresSeconds: number },
): URL {
  const date = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const day = date.slice(0, 8);
  const signing = new URL(url);
  const credential = `${key.accessKeyId}/${day}/${region}/s3/aws4_request`;
  for (const [name, value] of [
    ["Algorithm", "AWS4-HMAC-SHA256"],
    ["Credential", credential],
    ["Date", date],
    ["Expires", String(expiresSeconds)],
    ["SignedHeaders", "host"],
  ] as const) {
    signing.searchParams.set(`X-Amz-${name}`, value);
  }
  const target = `${signing.pathname}${signing.search}`;
  const request = { method: "GET", target, headers: { host: url.host }, body: Buffer.alloc(0) };
  const canonical = canonicalRequest(request, "s3", queryOf(target), ["host"], "UNSIGNED-PAYLOAD");
  if (canonical === undefined) throw new Error("the path of the URL is not encoded");
  const secret = key.secretAccessKey;
  const signature = sign({ canonical, date, day, region, service: "s3", secret });
  signing.searchParams.set("X-Amz-Signature", signature);
  return signing;
}

export interface ToSend {
  readonly method: string;
  readonly url: URL;
  readonly body: Buffer;
  readonly key: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly region: string;
}

/** Headers that sign a request to S3. */
export function signatureHeaders({
  method,
  url,
  body,
  key,
  region,
}: ToSend): Record<string, string> {
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const day = date.slice(0, 8);
  const hash = sha256(body);
  const headers = { "x-amz-content-sha256": hash, "x-amz-date": date };
  const signed = ["host", ...Object.keys(headers)];
  const target = `${url.pathname}${url.search}`;
  const request = { method, target, headers: { host: url.host, ...headers }, body };
  const canonical = canonicalRequest(request, "s3", queryOf(target), signed, hash);
  if (canonical === undefined) throw new Error("the path of the URL is not encoded");
  const secret = key.secretAccessKey;
  const signature = sign({ canonical, date, day, region, service: "s3", secret });
  const credential = `${key.accessKeyId}/${day}/${region}/s3/aws4_request`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed.join(";")}, Signature=${signature}`,
  };
}

/** The canonical request, or undefined if the path is not encoded as S3 wants it. */
function canonicalRequest(
  request: ReceivedRequest,
  service: string,
  query: readonly (readonly [string, string])[],
  signed: readonly string[],
  bodyHash: string,
): string | undefined {
  const [path = "/"] = request.target.split("?");
  const encodedOnce = path
    .split("/")
    .map((segment) => uriEncode(decodeURIComponent(segment)))
    .join("/");
  if (encodedOnce !== path) return undefined;
  const uri = service === "s3" ? path : path.split("/").map(uriEncode).join("/");
  const pairs = query.map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`).toSorted();
  const lines = signed.map((name) => {
    const value = header(request, name) ?? "";
    return `${name}:${value.trim().replaceAll(/ +/g, " ")}\n`;
  });
  return [request.method, uri, pairs.join("&"), lines.join(""), signed.join(";"), bodyHash].join(
    "\n",
  );
}

interface ToSign {
  readonly canonical: string;
  readonly date: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly secret: string;
}

function sign({ canonical, date, day, region, service, secret }: ToSign): string {
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(Buffer.from(canonical))}`;
  const key = [day, region, service, "aws4_request"].reduce<Buffer>(
    (from, part) => createHmac("sha256", from).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  return createHmac("sha256", key).update(text).digest("hex");
}

/** Percent-encodes all but the unreserved characters of RFC 3986, in capitals. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function queryOf(target: string): readonly (readonly [string, string])[] {
  const [, query = ""] = target.split("?");
  if (query === "") return [];
  return query.split("&").map((pair) => {
    const [name = "", value = ""] = pair.split("=");
    return [decodeURIComponent(name), decodeURIComponent(value)] as const;
  });
}

function header({ headers }: ReceivedRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function same(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

/** `20261124T104500Z` in Unix milliseconds; not a number for anything else. */
function millis(date: string): number {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  return Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
}
