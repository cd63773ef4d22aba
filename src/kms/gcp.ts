import { decodeBase64, isJsonObject, type JsonObject, own } from "../artifact/fields.ts";
import type { AgentError } from "../errors.ts";
import { retryAfterMs } from "../net/retry-after.ts";
import type { KmsAnswer } from "./call.ts";
import { crc32c } from "./crc32c.ts";
import { type GcpCredentials, googleCredentials } from "../gcp/credentials.ts";
import type { Kms, KmsParts } from "./kms.ts";
import { answered, kmsError, type Operation, type Problem, type ProviderWords } from "./problem.ts";
import { parseObject, takeSecret, withSecret } from "./secret-json.ts";
import { callWithToken } from "./rest.ts";

const WORDS: ProviderWords = {
  name: "GCP Cloud KMS",
  permissions: {
    unwrap:
      "cloudkms.cryptoKeyVersions.useToDecrypt (roles/cloudkms.cryptoKeyDecrypter) on the key",
    wrap: "cloudkms.cryptoKeyVersions.useToEncrypt (roles/cloudkms.cryptoKeyEncrypter) on the key",
  },
  credentials:
    "give this workload a service account, or set GOOGLE_APPLICATION_CREDENTIALS to a credentials file",
  keys: "a symmetric key with the purpose encryption",
};

/** The contract's name for it (section 1); Cloud KMS calls its algorithms so. */
const ALGORITHM = "GOOGLE_SYMMETRIC_ENCRYPTION";
const ENDPOINT = "https://cloudkms.googleapis.com/v1/";
const EXPECTED = "projects/…/locations/…/keyRings/…/cryptoKeys/…";

/** Nothing that could lead elsewhere in a URL: no dot segments, no escapes, no query. */
const KEY =
  /^projects\/[a-z0-9][a-z0-9:._-]{0,62}\/locations\/[a-z0-9-]{1,63}\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}$/;

/**
 * GCP Cloud KMS over REST, with the checks of integrity that its documentation asks for: a CRC-32C
 * each way (https://cloud.google.com/kms/docs/data-integrity-guidelines).
 */
export function gcpKms(
  parts: KmsParts,
  credentials: GcpCredentials = googleCredentials(parts.network, "cloudkms"),
): Kms {
  const call = async (
    operation: Operation,
    method: "decrypt" | "encrypt",
    keyId: string,
    body: Buffer<ArrayBuffer> | string,
  ): Promise<Buffer> => {
    if (!KEY.test(keyId)) {
      throw kmsError(WORDS, operation, keyId, { kind: "bad_key_name", expected: EXPECTED });
    }
    return callWithToken({
      words: WORDS,
      operation,
      keyId,
      ...parts,
      trouble: () => credentials.trouble,
      url: new URL(`${ENDPOINT}${keyId}:${method}`),
      body,
      authorize: () => credentials.headers(),
      judge,
      forget: (usedMs) => credentials.forget(usedMs),
    });
  };

  return {
    provider: "gcp",
    algorithm: ALGORITHM,
    async unwrap(keyId, wrappedKey) {
      const request = {
        ciphertext: wrappedKey.toString("base64"),
        ciphertextCrc32c: String(crc32c(wrappedKey)),
      };
      const body = await call("unwrap", "decrypt", keyId, JSON.stringify(request));
      const answer = takeSecret(body, "plaintext");
      const dataKey = answer?.secret;
      if (
        dataKey !== undefined &&
        own(answer?.rest ?? {}, "plaintextCrc32c") === String(crc32c(dataKey))
      ) {
        return dataKey;
      }
      dataKey?.fill(0);
      throw unexpected("unwrap", keyId, "its answer came damaged (plaintextCrc32c does not fit)");
    },
    async wrap(keyId, dataKey) {
      const members = { plaintextCrc32c: String(crc32c(dataKey)) };
      const request = withSecret(members, "plaintext", dataKey, "base64");
      let answer: JsonObject | undefined;
      try {
        answer = parseObject(await call("wrap", "encrypt", keyId, request));
      } finally {
        request.fill(0);
      }
      const text = own(answer ?? {}, "ciphertext");
      const wrappedKey = typeof text === "string" ? decodeBase64(text) : undefined;
      const intact =
        wrappedKey !== undefined &&
        own(answer ?? {}, "verifiedPlaintextCrc32c") === true &&
        own(answer ?? {}, "ciphertextCrc32c") === String(crc32c(wrappedKey));
      if (!intact)
        throw unexpected("wrap", keyId, "its answer came damaged (a CRC32C does not fit)");
      return { keyId, wrappedKey };
    },
  };
}

function unexpected(operation: Operation, keyId: string, detail: string): AgentError {
  return kmsError(WORDS, operation, keyId, { kind: "unexpected", detail });
}

/** Errors as google.rpc.Status in JSON (https://cloud.google.com/apis/design/errors). */
function judge({ status, headers, bytes }: KmsAnswer): Problem {
  const { code, reason, violation } = readError(bytes);
  switch (status) {
    case 401:
      return { kind: "unauthenticated" };
    case 403:
      // The API is switched off, the project has no billing, a perimeter is in between: no permission helps.
      if (
        code === "PERMISSION_DENIED" &&
        (reason === undefined || reason === "IAM_PERMISSION_DENIED")
      ) {
        return { kind: "denied" };
      }
      break;
    case 404:
      return { kind: "not_found" };
    case 429:
      return { kind: "throttled", retryAfterMs: retryAfterMs(headers, Date.now()) };
    case 400:
      if (code === "FAILED_PRECONDITION") {
        return { kind: violation === "CRYPTO_SCHEME_MISMATCH" ? "unfit" : "disabled" };
      }
      if (code === "INVALID_ARGUMENT") return { kind: "foreign" };
      break;
    default:
      if (status >= 500) return { kind: "unavailable", status, code };
  }
  return { kind: "unexpected", detail: `it answered ${answered(status, reason ?? code)}` };
}

interface RpcError {
  readonly code: string | undefined;
  /** Of its ErrorInfo. */
  readonly reason: string | undefined;
  /** The type of the first violation in its PreconditionFailure. */
  readonly violation: string | undefined;
}

function readError(bytes: Buffer): RpcError {
  const error = own(parseObject(bytes) ?? {}, "error");
  if (!isJsonObject(error)) return { code: undefined, reason: undefined, violation: undefined };
  const details = objectsIn(own(error, "details"));
  const violations = details.flatMap((detail) => objectsIn(own(detail, "violations")));
  return {
    code: textIn([error], "status"),
    reason: textIn(details, "reason"),
    violation: textIn(violations, "type"),
  };
}

function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((item: unknown) => isJsonObject(item)) : [];
}

function textIn(objects: readonly JsonObject[], name: string): string | undefined {
  return objects.map((object) => own(object, name)).find((value) => typeof value === "string");
}
