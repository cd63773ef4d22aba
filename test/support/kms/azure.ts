import {
  constants,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { answerWith, type Received, reply, type Reply } from "../answer.ts";
import { opened, portOf } from "../names-here.ts";
import { temporaryDirectory } from "../temporary.ts";
import type { FakeKms, Fault } from "./fake-kms.ts";
import { bearerOf, type Body, TokenKms } from "./token-kms.ts";

const VAULT = "clef-test.vault.azure.net";
const LOGIN = "login.microsoftonline.com";
const VERSION = "0123456789abcdef0123456789abcdef";
const NAMED = `https://${VAULT}/keys/production`;
const TENANT = "11111111-2222-3333-4444-555555555555";
const CLIENT = "66666666-7777-8888-9999-aaaaaaaaaaaa";
const RESOURCE = "https://vault.azure.net";

/** How a workload shows who it is. */
export type AzureIdentity = "client_secret" | "workload_identity" | "managed_identity";

/**
 * An Azure Key Vault with one RSA key, and the services that give tokens for it
 * (https://learn.microsoft.com/rest/api/keyvault).
 */
export class FakeAzureKms extends TokenKms implements FakeKms {
  readonly provider = "azure";
  readonly keyId = `${NAMED}/${VERSION}`;
  readonly keyName = NAMED;
  readonly missingKeyId = `https://${VAULT}/keys/absent/${VERSION}`;
  readonly #key = generateKeyPairSync("rsa", { modulusLength: 2048 });
  readonly #secret = randomBytes(20).toString("hex");

  static async start(
    context: Pick<TestContext, "after">,
    identity: AzureIdentity = "client_secret",
  ): Promise<FakeAzureKms> {
    const fake = new FakeAzureKms(context);
    await fake.open({ kms: VAULT, tokens: LOGIN }, await fake.#identify(identity));
    return fake;
  }

  dataKeyOf(wrappedKey: Buffer): Buffer | undefined {
    return this.#compute("unwrapkey", wrappedKey);
  }

  async #identify(identity: AzureIdentity): Promise<Readonly<Record<string, string>>> {
    const who = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT };
    switch (identity) {
      case "client_secret":
        return { ...who, AZURE_CLIENT_SECRET: this.#secret };
      case "workload_identity": {
        const file = join(await temporaryDirectory(this.context), "token");
        await writeFile(file, this.#secret);
        return { ...who, AZURE_FEDERATED_TOKEN_FILE: file };
      }
      case "managed_identity": {
        const server = createServer(
          answerWith((received) => reply(received.response, this.#metadata(received))),
        );
        await opened(this.context, server);
        return { AZURE_POD_IDENTITY_AUTHORITY_HOST: `http://127.0.0.1:${portOf(server)}` };
      }
    }
  }

  /** The identity provider: what it says of itself, and tokens. */
  protected giveToken({ request, url, body }: Received): Reply {
    const base = `https://${LOGIN}/${TENANT}`;
    if (url.pathname.endsWith("/.well-known/openid-configuration")) {
      return {
        status: 200,
        body: {
          issuer: `${base}/v2.0`,
          authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
          token_endpoint: `${base}/oauth2/v2.0/token`,
        },
      };
    }
    if (url.pathname === "/common/discovery/instance") {
      const alias = { preferred_network: LOGIN, preferred_cache: LOGIN, aliases: [LOGIN] };
      const tenant_discovery_endpoint = `${base}/v2.0/.well-known/openid-configuration`;
      return { status: 200, body: { tenant_discovery_endpoint, metadata: [alias] } };
    }
    const form = new URLSearchParams(body.toString());
    const proof = form.get("client_secret") ?? form.get("client_assertion");
    const good =
      request.method === "POST" &&
      url.pathname === `/${TENANT}/oauth2/v2.0/token` &&
      form.get("client_id") === CLIENT &&
      form.get("grant_type") === "client_credentials" &&
      form.get("scope")?.split(" ").includes(`${RESOURCE}/.default`) === true &&
      proof === this.#secret;
    if (good) return { status: 200, body: this.#azureToken() };
    return { status: 401, body: { error: "invalid_client", error_description: "fake: no" } };
  }

  /** The metadata service of a virtual machine. */
  #metadata({ request, url }: Received): Reply {
    if (request.headers["metadata"] !== "true")
      return { status: 400, body: { error: "bad_request" } };
    if (url.searchParams.get("resource") !== RESOURCE) {
      return { status: 400, body: { error: "invalid_resource" } };
    }
    return { status: 200, body: { ...this.#azureToken(), resource: RESOURCE } };
  }

  #azureToken(): Body {
    const token = this.newToken(randomBytes(32).toString("base64url"));
    return { ...token, expires_in: 3599, ext_expires_in: 3599 };
  }

  protected answer(received: Received, fault: Fault | undefined): Reply {
    const { body, url } = received;
    if (fault === "server_error") return refuse(503, "ServiceUnavailable");
    if (fault === "throttle") return refuse(429, "Throttled", undefined, { "retry-after": "7" });
    if (!this.wasGiven(bearerOf(received)) || fault === "expired_credentials") {
      const challenge = `Bearer authorization="https://${LOGIN}/${TENANT}", resource="${RESOURCE}"`;
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
