import { azureKms } from "../../../src/kms/azure.ts";
import { AZURE_LOGIN, AZURE_TENANT } from "../../support/azure-identity.ts";
import { fuzzKms } from "../support/fuzz-kms.ts";
import { networkTo } from "../support/network-to.ts";
import { ANSWER_WORDS, answers, hurry } from "../support/raw-answers.ts";
import type { FuzzTarget } from "../target.ts";

const VERSION = "0123456789abcdef0123456789abcdef";
const KEY = `https://clef-test.vault.azure.net/keys/production/${VERSION}`;
/** What is given as a token, and must stand in no message. */
const TOKEN = "eyJ0.zQ7xK9vW";
const SECRET = "s3cr3t-zQ7xK9vW";

const DATA_KEY = Buffer.alloc(32, 7);
const UNWRAPPED = JSON.stringify({ kid: KEY, value: DATA_KEY.toString("base64url") });
const WRAPPED = JSON.stringify({ kid: KEY, value: "AAAA" });
const GIVEN = JSON.stringify({
  access_token: TOKEN,
  token_type: "Bearer",
  expires_in: 3600,
  expires_on: "32503680000",
  resource: "https://vault.azure.net",
});
const BASE = `https://${AZURE_LOGIN}/${AZURE_TENANT}`;
const OPENID = JSON.stringify({
  issuer: `${BASE}/v2.0`,
  authorization_endpoint: `${BASE}/oauth2/v2.0/authorize`,
  token_endpoint: `${BASE}/oauth2/v2.0/token`,
});
const DISCOVERY = JSON.stringify({
  tenant_discovery_endpoint: `${BASE}/v2.0/.well-known/openid-configuration`,
  metadata: [
    { preferred_network: AZURE_LOGIN, preferred_cache: AZURE_LOGIN, aliases: [AZURE_LOGIN] },
  ],
});

const services = await answers((request) => {
  if (request.includes("/wrapkey?")) return WRAPPED;
  if (request.includes("/unwrapkey?")) return UNWRAPPED;
  if (request.includes("/openid-configuration")) return OPENID;
  return request.includes("/discovery/instance") ? DISCOVERY : GIVEN;
});
const network = networkTo(services);
const unhurry = hurry(5_000);

/** Where credentials come from, by the first byte of the input. */
const IDENTITIES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  [
    "s",
    { AZURE_TENANT_ID: AZURE_TENANT, AZURE_CLIENT_ID: AZURE_TENANT, AZURE_CLIENT_SECRET: SECRET },
  ],
  ["m", { AZURE_POD_IDENTITY_AUTHORITY_HOST: `http://127.0.0.1:${services.port}` }],
  ["a", { IDENTITY_ENDPOINT: `http://127.0.0.1:${services.port}/msi`, IDENTITY_HEADER: SECRET }],
]);

const error = (status: number, code: string, inner?: string): string => {
  const innererror = inner === undefined ? "" : `,"innererror":{"code":"${inner}"}`;
  const body = `{"error":{"code":"${code}","message":"m"${innererror}}}`;
  return `HTTP/1.1 ${status} x\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
};

/** What Key Vault, the identity provider and the metadata services answer, on a real socket. */
export const target: FuzzTarget = {
  maxBytes: 900,
  close() {
    unhurry();
    services.close();
  },
  seeds: [
    `s${DISCOVERY}<next>${OPENID}<next>${GIVEN}<next>${UNWRAPPED}`,
    `s<next><next>HTTP/1.1 401 x\r\ncontent-length: 26\r\n\r\n{"error":"invalid_client"}`,
    `m${GIVEN}<next>${GIVEN}<next>${UNWRAPPED}`,
    `a${GIVEN}<next>${UNWRAPPED}`,
    `A<next>${WRAPPED}`,
    `A<next>${WRAPPED.replace("production", "other")}`,
    `a<next>${error(401, "Unauthorized").replace("\r\n", `\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\n`)}<next><next>`,
    `a<next>${error(403, "Forbidden", "KeyDisabled")}`,
    `a<next>${error(403, "Forbidden", "KeyOperationForbidden")}`,
    `a<next>${error(403, "Forbidden", "ForbiddenByFirewall")}`,
    `a<next>${error(403, "Forbidden", "ForbiddenByRbac")}`,
    `a<next>${error(404, "KeyNotFound")}`,
    `a<next>${error(429, "Throttled").replace("\r\n", "\r\nretry-after: 7\r\n")}`,
    `a<next>${error(400, "BadParameter")}`,
    `a<next>${error(503, "ServiceUnavailable")}<next>${error(500, "Internal")}`,
    `aHTTP/1.1 400 x\r\ncontent-length: 2\r\n\r\n{}`,
  ],
  words: [
    ...ANSWER_WORDS,
    ..."kid value access_token expires_in expires_on token_type resource error error_description error_codes code innererror message issuer token_endpoint authorization_endpoint tenant_discovery_endpoint metadata aliases preferred_network"
      .split(" ")
      .map((name) => `"${name}":`),
    ..."KeyDisabled KeyOperationForbidden ForbiddenByFirewall ForbiddenByConnection BadParameter invalid_client interaction_required".split(
      " ",
    ),
    TOKEN,
    UNWRAPPED,
    GIVEN,
  ],
  run: (input) =>
    fuzzKms(input, {
      services,
      open: (signal) => azureKms({ network, signal }),
      key: KEY,
      dataKey: DATA_KEY,
      // Without it the library asks the command lines of the clouds too.
      env: { AZURE_TOKEN_CREDENTIALS: "prod" },
      identities: IDENTITIES,
      usual: "a",
      credentials: [TOKEN, SECRET],
    }),
};
