import { isJsonObject, own } from "../artifact/fields.ts";
import type { AgentError } from "../errors.ts";
import { retryAfterMs } from "../net/retry-after.ts";
import { type AzureCredentials, azureCredentials } from "../azure/credentials.ts";
import { type AzureKeyUrl, parseAzureKeyUrl } from "./azure-key-url.ts";
import { decodeBase64Bytes } from "./base64-bytes.ts";
import type { KmsAnswer } from "./call.ts";
import type { Kms, KmsParts } from "./kms.ts";
import { answered, kmsError, type Operation, type Problem, type ProviderWords } from "./problem.ts";
import { parseObject, takeSecret, withSecret } from "./secret-json.ts";
import { callWithToken } from "./rest.ts";

const WORDS: ProviderWords = {
  name: "Azure Key Vault",
  permissions: {
    unwrap: "keys/unwrapKey on the key, as the role Key Vault Crypto User does",
    wrap: "keys/wrapKey on the key, as the role Key Vault Crypto User does",
  },
  credentials:
    "give this workload a managed or workload identity, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
  keys: "an RSA key that may wrap and unwrap",
};

const ALGORITHM = "RSA-OAEP-256";
const API_VERSION = "7.4";
const EXPECTED = "https://VAULT.vault.azure.net/keys/NAME/VERSION";

/**
 * Azure Key Vault and Managed HSM over REST
 * (https://learn.microsoft.com/rest/api/keyvault/keys/unwrap-key/unwrap-key).
 */
export function azureKms(
  parts: KmsParts,
  credentials: AzureCredentials = azureCredentials(parts.network),
): Kms {
  const call = (
    operation: "unwrap" | "wrap",
    key: AzureKeyUrl,
    body: Buffer<ArrayBuffer> | string,
  ): Promise<Buffer> =>
    callWithToken({
      words: WORDS,
      operation,
      keyId: key.url,
      ...parts,
      trouble: () => credentials.trouble,
      url: new URL(`${key.url}/${operation}key?api-version=${API_VERSION}`),
      body,
      authorize: async () => ({ authorization: `Bearer ${await credentials.token(key.scope)}` }),
      judge,
      forget: (usedMs) => credentials.forget(usedMs),
    });

  return {
    provider: "azure",
    algorithm: ALGORITHM,
    async unwrap(keyId, wrappedKey) {
      const key = readKey("unwrap", keyId);
      const request = JSON.stringify({ alg: ALGORITHM, value: wrappedKey.toString("base64url") });
      const answer = takeSecret(await call("unwrap", key, request), "value");
      if (answer?.secret !== undefined) return answer.secret;
      throw unexpected("unwrap", keyId, "its answer holds no key");
    },
    async wrap(keyId, dataKey) {
      const key = readKey("wrap", keyId);
      const request = withSecret({ alg: ALGORITHM }, "value", dataKey, "base64url");
      let answer;
      try {
        answer = parseObject(await call("wrap", key, request)) ?? {};
      } finally {
        request.fill(0);
      }
      const value = own(answer, "value");
      const wrappedKey =
        typeof value === "string" ? decodeBase64Bytes(Buffer.from(value)) : undefined;
      const used = usedKey(key, own(answer, "kid"));
      if (wrappedKey === undefined || used === undefined) {
        throw unexpected("wrap", keyId, "its answer holds no wrapped key, or names another key");
      }
      return { keyId: used, wrappedKey };
    },
  };
}

function readKey(operation: Operation, keyId: string): AzureKeyUrl {
  const key = parseAzureKeyUrl(keyId);
  // A person may use capitals; an artifact has the one spelling that `wrap` gave it.
  if (key !== undefined && (operation === "wrap" || key.url === keyId)) return key;
  throw kmsError(WORDS, operation, keyId, { kind: "bad_key_name", expected: EXPECTED });
}

/** The version that wrapped it, which must be one of the key that was asked. */
function usedKey(asked: AzureKeyUrl, kid: unknown): string | undefined {
  const used = typeof kid === "string" ? parseAzureKeyUrl(kid) : undefined;
  if (used?.version === undefined || used.vault !== asked.vault) return undefined;
  if (used.name.toLowerCase() !== asked.name.toLowerCase()) return undefined;
  return asked.version === undefined || asked.version === used.version ? used.url : undefined;
}

function unexpected(operation: Operation, keyId: string, detail: string): AgentError {
  return kmsError(WORDS, operation, keyId, { kind: "unexpected", detail });
}

const NO_PERMISSION_HELPS = /^(?:Key|ForbiddenByFirewall$|ForbiddenByConnection$)/;

/** Errors (https://learn.microsoft.com/azure/key-vault/general/rest-error-codes). */
function judge({ status, headers, bytes }: KmsAnswer): Problem {
  const { code, inner } = readError(bytes);
  switch (status) {
    case 401:
      return { kind: "unauthenticated" };
    case 403:
      if (inner === "KeyDisabled") return { kind: "disabled" };
      if (inner === "KeyOperationForbidden") return { kind: "unfit" };
      // Its time is over, or a firewall or a private link is in between: no permission helps.
      if (inner !== undefined && NO_PERMISSION_HELPS.test(inner)) break;
      return { kind: "denied" };
    case 404:
      return { kind: "not_found" };
    case 429:
      return { kind: "throttled", retryAfterMs: retryAfterMs(headers, Date.now()) };
    case 400:
      if (code === "BadParameter") return { kind: "foreign" };
      break;
    default:
      if (status >= 500) return { kind: "unavailable", status, code };
  }
  return { kind: "unexpected", detail: `it answered ${answered(status, inner ?? code)}` };
}

interface VaultError {
  readonly code: string | undefined;
  readonly inner: string | undefined;
}

function readError(bytes: Buffer): VaultError {
  const error = own(parseObject(bytes) ?? {}, "error");
  if (!isJsonObject(error)) return { code: undefined, inner: undefined };
  const inner = own(error, "innererror");
  return {
    code: text(own(error, "code")),
    inner: isJsonObject(inner) ? text(own(inner, "code")) : undefined,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
