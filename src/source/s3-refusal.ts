import { AgentError, type SourceCode } from "../errors.ts";
import type { AnswerHeaders } from "../net/answer-headers.ts";
import { answered, type Answered } from "../net/outcome.ts";
import { isRedirect } from "../net/redirect.ts";
import { retryAfterMs } from "../net/retry-after.ts";

/** What S3 said when it gave no object. */
export interface S3Refusal {
  /** The code of S3's error, such as `NoSuchKey`; undefined for an answer that is not S3's. */
  readonly code: string | undefined;
  /** The region that the bucket is in, where the answer says so. */
  readonly region: string | undefined;
}

/**
 * Reads the error document (Amazon S3 API Reference, "Error responses"): flat XML, of which the code
 * and the region are of use. The region is also in a header, and there alone with a 301.
 */
export function readRefusal({ status, bytes, headers }: Answered): S3Refusal {
  if (status < 300) return { code: undefined, region: undefined };
  const text = bytes.toString("utf8");
  const code = /<Code>([A-Za-z][\w.]{0,63})<\/Code>/.exec(text)?.[1];
  const region =
    headers.get("x-amz-bucket-region") ?? /<Region>([^<]{0,64})<\/Region>/.exec(text)?.[1];
  return { code, region: region !== undefined && isRegion(region) ? region : undefined };
}

/** Also the names that other services give theirs, such as `auto`; nothing that is more than a name. */
function isRegion(text: string): boolean {
  return /^[a-z][a-z0-9-]{1,31}$/.test(text);
}

/** Refusals for which other credentials than those in hand could help. */
const STALE_CREDENTIALS: ReadonlySet<string | undefined> = new Set([
  "ExpiredToken",
  "InvalidAccessKeyId",
  "InvalidToken",
  "SignatureDoesNotMatch",
  "TokenRefreshRequired",
]);

export function blamesCredentials(answer: Answered): boolean {
  return STALE_CREDENTIALS.has(readRefusal(answer).code);
}

/** Refusals that say no more than that the bucket is elsewhere, or the signature for elsewhere. */
const MISPLACED: ReadonlySet<string | undefined> = new Set([
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
  "PermanentRedirect",
  "Redirect",
  "TemporaryRedirect",
]);

export function blamesRegion(answer: Answered): boolean {
  return isRedirect(answer.status) || MISPLACED.has(readRefusal(answer).code);
}

export interface Asked {
  /** The region that was signed for. */
  readonly region: string;
  /** What holds the credentials that were sent; undefined if there were none to be found. */
  readonly credentials: string | undefined;
  /** What an operator should look at for the address. */
  readonly variables: string;
}

/** An answer without an object as the error of this source: what S3 said, and where to look. */
export function refusalError(answer: Answered, asked: Asked): AgentError {
  const refusal = readRefusal(answer);
  const [code, advice] = meaning(answer, refusal, asked);
  const said = refusal.code === undefined ? "" : ` ${refusal.code}`;
  return new AgentError(code, `${answered(answer)}${said}; ${advice}`, {
    retryAfterMs: retryAfterMs(answer.headers, Date.now()),
  });
}

type Meaning = readonly [SourceCode, string];

function meaning(answer: Answered, refusal: S3Refusal, asked: Asked): Meaning {
  const { status, headers } = answer;
  if (asked.credentials === undefined && (status === 401 || status === 403)) {
    return [
      "source_unauthorized",
      "it was asked without credentials, as no AWS credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or give this machine, task or pod a role",
    ];
  }
  return byCode(refusal, asked, headers) ?? byStatus(status, refusal, asked);
}

/** Amazon S3 API Reference, "List of error codes". */
function byCode(
  { code, region }: S3Refusal,
  asked: Asked,
  headers: AnswerHeaders,
): Meaning | undefined {
  const credentials = asked.credentials ?? "the AWS credentials";
  switch (code) {
    case "NoSuchKey":
      return ["source_not_found", "there is no such key; check it in CLEF_AGENT_SOURCE"];
    case "NoSuchVersion":
      return ["source_not_found", "there is no such version; check versionId in CLEF_AGENT_SOURCE"];
    case "NoSuchBucket":
      return ["source_not_found", `there is no such bucket; check ${asked.variables}`];
    case "AccessDenied":
    case "AllAccessDisabled":
    case "AccountProblem":
      return [
        "source_forbidden",
        `allow ${credentials} s3:GetObject on it (without s3:ListBucket, a key that does not exist looks the same)`,
      ];
    case "InvalidObjectState":
      return ["source_forbidden", "the object is archived; restore it, or store it as Standard"];
    case "InvalidAccessKeyId":
      return ["source_unauthorized", `the access key from ${credentials} is not known there`];
    case "SignatureDoesNotMatch":
      return [
        "source_unauthorized",
        `the secret key from ${credentials} does not fit the access key`,
      ];
    case "ExpiredToken":
    case "TokenRefreshRequired":
      return ["source_unauthorized", `the session token from ${credentials} has expired; renew it`];
    case "InvalidToken":
      return [
        "source_unauthorized",
        `the session token from ${credentials} is not valid; renew it`,
      ];
    case "RequestTimeTooSkewed":
      return ["source_unauthorized", `${clockAdvice(headers)}; set the clock of this machine`];
    case "SlowDown":
    case "SlowDownRead":
    case "TooManyRequests":
    case "RequestLimitExceeded":
      return ["source_rate_limited", "waiting before the next attempt"];
    case "PermanentRedirect":
    case "Redirect":
    case "TemporaryRedirect":
    case "AuthorizationHeaderMalformed":
    case "IllegalLocationConstraintException":
      return [
        "source_redirect",
        region === undefined || region === asked.region
          ? `the bucket is in another region than ${asked.region}; set AWS_REGION to its region`
          : `the bucket is in ${region}, not in ${asked.region}; check ${asked.variables}`,
      ];
    default:
      if (code?.startsWith("KMS.") !== true) return undefined;
      return [
        "source_forbidden",
        `the bucket's KMS key cannot be used; allow ${credentials} kms:Decrypt, and check that the key is enabled`,
      ];
  }
}

function byStatus(status: number, { code }: S3Refusal, asked: Asked): Meaning {
  const address = `check the address in ${asked.variables}`;
  if (status === 304) return ["source_unexpected_answer", "though nothing is held"];
  if (isRedirect(status)) return ["source_redirect", address];
  if (status === 401) return ["source_unauthorized", `check ${asked.credentials ?? "credentials"}`];
  if (status === 403) {
    return ["source_forbidden", `check the permissions of ${asked.credentials ?? "the bucket"}`];
  }
  if (status === 404 || status === 410) return ["source_not_found", address];
  if (status === 429) return ["source_rate_limited", "waiting before the next attempt"];
  if (status >= 500) return ["source_server_error", "waiting for it to recover"];
  return [
    "source_unexpected_answer",
    code === undefined ? address : "it does not accept the request",
  ];
}

/** S3 refuses what is signed more than 15 minutes away from its own time. */
function clockAdvice(headers: AnswerHeaders): string {
  const theirs = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return "the clocks differ by more than 15 minutes";
  const minutes = Math.round((Date.now() - theirs) / 60_000);
  return `the clock here is ${Math.abs(minutes)} minutes ${minutes < 0 ? "behind" : "ahead"}`;
}
