import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { answerWith, type Received, reply, type Reply } from "./answer.ts";
import { opened, portOf } from "./names-here.ts";
import { temporaryDirectory } from "./temporary.ts";

export const AZURE_LOGIN = "login.microsoftonline.com";
export const AZURE_TENANT = "11111111-2222-3333-4444-555555555555";
const CLIENT = "66666666-7777-8888-9999-aaaaaaaaaaaa";

/** How a workload shows who it is. */
export type AzureIdentity = "client_secret" | "workload_identity" | "managed_identity";

/** What gives out tokens for one service of Azure: the identity provider, and a machine's metadata service. */
export class AzureTokens {
  readonly #resource: string;
  readonly #newToken: () => string;
  readonly #secret = randomBytes(20).toString("hex");

  /** @param resource - such as `https://vault.azure.net`. */
  constructor(resource: string, newToken: () => string) {
    this.#resource = resource;
    this.#newToken = newToken;
  }

  /** The environment of a workload with such an identity. */
  async env(
    context: Pick<TestContext, "after">,
    identity: AzureIdentity,
  ): Promise<Readonly<Record<string, string>>> {
    const who = { AZURE_TENANT_ID: AZURE_TENANT, AZURE_CLIENT_ID: CLIENT };
    switch (identity) {
      case "client_secret":
        return { ...who, AZURE_CLIENT_SECRET: this.#secret };
      case "workload_identity": {
        const file = join(await temporaryDirectory(context), "token");
        await writeFile(file, this.#secret);
        return { ...who, AZURE_FEDERATED_TOKEN_FILE: file };
      }
      case "managed_identity": {
        const server = createServer(
          answerWith((received) => reply(received.response, this.#metadata(received))),
        );
        await opened(context, server);
        return { AZURE_POD_IDENTITY_AUTHORITY_HOST: `http://127.0.0.1:${portOf(server)}` };
      }
    }
  }

  /** The identity provider at `AZURE_LOGIN`: what it says of itself, and tokens. */
  login({ request, url, body }: Received): Reply {
    const base = `https://${AZURE_LOGIN}/${AZURE_TENANT}`;
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
      const own = AZURE_LOGIN;
      const alias = { preferred_network: own, preferred_cache: own, aliases: [own] };
      const tenant_discovery_endpoint = `${base}/v2.0/.well-known/openid-configuration`;
      return { status: 200, body: { tenant_discovery_endpoint, metadata: [alias] } };
    }
    const form = new URLSearchParams(body.toString());
    const proof = form.get("client_secret") ?? form.get("client_assertion");
    const good =
      request.method === "POST" &&
      url.pathname === `/${AZURE_TENANT}/oauth2/v2.0/token` &&
      form.get("client_id") === CLIENT &&
      form.get("grant_type") === "client_credentials" &&
      form.get("scope")?.split(" ").includes(`${this.#resource}/.default`) === true &&
      proof === this.#secret;
    if (good) return { status: 200, body: this.#token() };
    return { status: 401, body: { error: "invalid_client", error_description: "fake: no" } };
  }

  /** The metadata service of a virtual machine. */
  #metadata({ request, url }: Received): Reply {
    if (request.headers["metadata"] !== "true")
      return { status: 400, body: { error: "bad_request" } };
    if (url.searchParams.get("resource") !== this.#resource) {
      return { status: 400, body: { error: "invalid_resource" } };
    }
    return { status: 200, body: { ...this.#token(), resource: this.#resource } };
  }

  #token(): Readonly<Record<string, unknown>> {
    const access_token = this.#newToken();
    return { access_token, token_type: "Bearer", expires_in: 3599, ext_expires_in: 3599 };
  }
}
