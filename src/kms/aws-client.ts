import { CredentialChain } from "../aws/credentials.ts";
import { configuredEndpoint, configuredVariants } from "../aws/settings.ts";
import { signedExchange } from "../aws/signed-exchange.ts";
import { own } from "../artifact/fields.ts";
import { asAgentError } from "../errors.ts";
import { KMS_ANSWER_MAX_BYTES } from "../limits.ts";
import { secretExchange } from "../net/secret-exchange.ts";
import { countdown } from "../system/countdown.ts";
import { type AwsKeyAddress, awsKmsEndpoint } from "./aws-key.ts";
import { AWS_WORDS } from "./aws-words.ts";
import { callKms, type KmsAnswer } from "./call.ts";
import type { KmsParts } from "./kms.ts";
import { answered, kmsError, type Operation, type Problem } from "./problem.ts";
import { parseObject } from "./secret-json.ts";

/** The operations of the API (AWS KMS API Reference, "Actions"). */
const TARGETS: Readonly<Record<Operation, string>> = {
  unwrap: "TrentService.Decrypt",
  wrap: "TrentService.Encrypt",
  sign: "TrentService.Sign",
  read_public_key: "TrentService.GetPublicKey",
};

export interface AwsRequest {
  readonly operation: Operation;
  readonly key: AwsKeyAddress;
  /** JSON; its `KeyId` is the key's. */
  readonly body: Buffer<ArrayBuffer> | string;
}

/** One request to AWS KMS. @throws AgentError as `callKms`. */
export type AwsClient = (request: AwsRequest) => Promise<Buffer>;

/**
 * Speaks the JSON protocol of AWS KMS, signed with credentials from the official chain, to the region
 * that the key is in.
 */
export function awsClient(
  { signal, network: plain }: KmsParts,
  chain: CredentialChain = new CredentialChain(plain.aws()),
): AwsClient {
  const network = plain.aws();
  return async ({ operation, key, body }) => {
    const url = await addressOf(operation, key);
    return callKms({
      words: AWS_WORDS,
      operation,
      keyId: key.name,
      signal,
      async send({ deadlineMs }) {
        const leftMs = countdown(deadlineMs);
        const answer = await chain.get({ signal, deadlineMs: leftMs() });
        if (answer.kind !== "credentials")
          return { kind: "no_credentials", detail: answer.problem };
        return signedExchange(
          { service: "kms", region: key.region, credentials: answer.credentials },
          {
            network,
            method: "POST",
            url,
            headers: {
              "content-type": "application/x-amz-json-1.1",
              "x-amz-target": TARGETS[operation],
            },
            body,
            maxBytes: KMS_ANSWER_MAX_BYTES,
            signal,
            deadlineMs: leftMs(),
          },
          secretExchange,
        );
      },
      judge,
      forget: (usedMs) => chain.forget(usedMs),
    });
  };
}

/** @throws AgentError as `callKms`. */
async function addressOf(operation: Operation, key: AwsKeyAddress): Promise<URL> {
  try {
    const endpoint = await configuredEndpoint("kms");
    return endpoint?.url ?? awsKmsEndpoint(key, await configuredVariants());
  } catch (thrown) {
    // It says which setting is wrong.
    const { message } = asAgentError(thrown, "config_invalid", "the AWS config cannot be read");
    throw kmsError(AWS_WORDS, operation, key.name, { kind: "unexpected", detail: message });
  }
}

/** Error types of the operations and of every AWS service (AWS KMS API Reference, "Common Errors"). */
const KINDS = {
  denied: ["AccessDeniedException", "AccessDenied", "NotAuthorized", "OptInRequired"],
  unauthenticated: [
    "ExpiredTokenException",
    "ExpiredToken",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
  ],
  not_found: ["NotFoundException"],
  disabled: ["DisabledException", "KMSInvalidStateException"],
  unfit: ["InvalidKeyUsageException"],
  foreign: ["IncorrectKeyException", "InvalidCiphertextException"],
} as const satisfies Partial<Record<Problem["kind"], readonly string[]>>;

const THROTTLING: ReadonlySet<string> = new Set([
  "LimitExceededException",
  "RequestLimitExceeded",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
]);

type PlainKind = keyof typeof KINDS;

const KIND_OF: ReadonlyMap<string, PlainKind> = new Map(
  plainKinds().flatMap((kind) => KINDS[kind].map((type) => [type, kind] as const)),
);

function plainKinds(): readonly PlainKind[] {
  return ["denied", "unauthenticated", "not_found", "disabled", "unfit", "foreign"];
}

function judge({ status, headers, bytes }: KmsAnswer): Problem {
  const type = errorType(
    headers.get("x-amzn-errortype") ?? own(parseObject(bytes) ?? {}, "__type"),
  );
  const kind = KIND_OF.get(type ?? "");
  if (kind !== undefined) return { kind };
  if (status === 429 || THROTTLING.has(type ?? ""))
    return { kind: "throttled", retryAfterMs: undefined };
  if (status >= 500) return { kind: "unavailable", status, code: type };
  return { kind: "unexpected", detail: `it answered ${answered(status, type)}` };
}

/** `com.amazonaws.kms#NotFoundException` and `NotFoundException:http://…` are both in use. */
function errorType(value: unknown): string | undefined {
  return typeof value === "string" ? value.split("#").at(-1)?.split(":")[0] : undefined;
}
