import { constants, privateDecrypt, publicEncrypt, randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import type { Received, Reply } from "../answer.ts";
import { AZURE_LOGIN, AZURE_TENANT, type AzureIdentity, AzureTokens } from "../azure-identity.ts";
import type { FakeKms, Fault } from "./fake-kms.ts";
import { rsaKeys } from "./rsa-keys.ts";
import { bearerOf, type Body, TokenKms } from "./token-kms.ts";

const VAULT = "clef-test.vault.azure.net";
const VERSION = "0123456789abcdef0123456789abcdef";
const NAMED = `https://${VAULT}/keys/production`;
const RESOURCE = "https://vault.azure.net";

/**
 * An Azure Key Vault with one RSA key, and the services that give tokens for it
 * (https://learn.microsoft.com/rest/api/keyvault).
 */
export class FakeAzureKms extends TokenKms implements FakeKms {
  readonly provider = "azure";
  readonly keyId = `${NAMED}/${VERSION}`;
  readonly keyName = NAMED;
  readonly missingKeyId = `https://${VAULT}/keys/absent/${VERSION}`;
  readonly #key = rsaKeys("Azure Key Vault");
  readonly #tokens = new AzureTokens(RESOURCE, () => {
    const token = randomBytes(32).toString("base64url");
    this.newToken(token);
    return token;
  });

  static async start(
    context: Pick<TestContext, "after">,
    identity: AzureIdentity = "client_secret",
  ): Promise<FakeAzureKms> {
    const fake = new FakeAzureKms(context);
    await fake.open({ kms: VAULT, tokens: AZURE_LOGIN }, await fake.#tokens.env(context, identity));
    return fake;
  }

  dataKeyOf(wrappedKey: Buffer): Buffer | undefined {
    return this.#compute("unwrapkey", wrappedKey);
  }

  /** The identity provider: what it says of itself, and tokens. */
  protected giveToken(received: Received): Reply {
    return this.#tokens.login(received);
  }

  protected answer(received: Received, fault: Fault | undefined): Reply {
    const { body, url } = received;
    if (fault === "server_error") return refuse(503, "ServiceUnavailable");
    if (fault === "throttle") return refuse(429, "Throttled", undefined, { "retry-after": "7" });
    if (!this.wasGiven(bearerOf(received)) || fault === "expired_credentials") {
      const challenge = `Bearer authorization="https://${AZURE_LOGIN}/${AZURE_TENANT}", resource="${RESOURCE}"`;
      return refuse(401, "Unauthorized", undefined, { "www-authenticate": challenge });
    }
    if (url.searchParams.get("api-version") !== "7.4") return refuse(400, "BadParameter");
    const [, path, method] = /^\/keys\/([\w/-]+)\/(wrapkey|unwrapkey)$/.exec(url.pathname) ?? [];
    if (this.denied) return refuse(403, "Forbidden", "ForbiddenByRbac");
    if (path !== "production" && path !== `production/${VERSION}`) {
      return refuse(404, "KeyNotFound");
    }
    if (this.isUnfit) return refuse(403, "Forbidden", "KeyOperationForbidden");
    if (this.disabled) return refuse(403, "Forbidden", "KeyDisabled");
    const { alg, value } = JSON.parse(body.toString()) as Body;
    const given = Buffer.from(typeof value === "string" ? value : "", "base64url");
    const result = alg === "RSA-OAEP-256" ? this.#compute(method, given) : undefined;
    if (result === undefined) return refuse(400, "BadParameter");
    // The protocol has no checksum: a change on the way is seen where it breaks the answer's shape.
    const text = result.toString("base64url");
    const damaged = fault === "damage" ? `*${text}` : text;
    return { status: 200, body: { kid: this.keyId, value: damaged } };
  }

  #compute(method: string | undefined, given: Buffer): Buffer | undefined {
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
    try {
      return method === "wrapkey"
        ? publicEncrypt({ key: this.#key.publicKey, ...padding }, given)
        : privateDecrypt({ key: this.#key.privateKey, ...padding }, given);
    } catch {
      return undefined;
    }
  }
}

function refuse(
  status: number,
  code: string,
  inner?: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } };
  return { status, body: { error: { code, message: `fake: ${code}`, ...innererror } }, headers };
}
