/** The KMS of AWS, GCP and Azure, and who gives tokens for them, at their own names behind a proxy. */
import { createCipheriv, generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { World } from "../suite/world.ts";
import type { Environment } from "./agent.ts";
import { type Artifact, body, header, nextDate, sign } from "./artifact.ts";
import { Authority } from "./certificate.ts";
import { type Proxy, startProxy } from "./proxy.ts";
import { rememberSecret } from "./secret-texts.ts";
import type { SigningKey } from "./keys.ts";

export type Provider = "aws" | "gcp" | "azure";

const ACCOUNT = "arn:aws:kms:eu-central-1:111122223333";
const KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab";
const AWS_KEY = `${ACCOUNT}:key/${KEY_ID}`;
/** The ways in which an artifact may name that key (F-13). */
export const AWS_NAMES: readonly string[] = [`${ACCOUNT}:alias/clef-api`, "alias/clef-api", KEY_ID];
const GCP_KEY = "projects/p/locations/global/keyRings/r/cryptoKeys/k";
const AZURE_KEY = "https://conformance.vault.azure.net/keys/k/0123456789abcdef0123456789abcdef";

export const KEYS: Readonly<Record<Provider, readonly [keyId: string, algorithm: string]>> = {
  aws: [AWS_KEY, "SYMMETRIC_DEFAULT"],
  gcp: [GCP_KEY, "GOOGLE_SYMMETRIC_ENCRYPTION"],
  azure: [AZURE_KEY, "RSA-OAEP-256"],
};

type Json = Readonly<Record<string, unknown>>;

/** What the three have wrapped, and whether they unwrap it. */
export class Clouds {
  readonly env: Environment;
  readonly proxy: Proxy;
  /** How often a KMS was asked to unwrap. */
  unwrapped = 0;
  denies = false;
  readonly #dataKeys: Map<string, Buffer>;

  constructor(proxy: Proxy, env: Environment, dataKeys: Map<string, Buffer>) {
    this.proxy = proxy;
    this.env = env;
    this.#dataKeys = dataKeys;
  }

  /** An artifact under a data key that one of them has wrapped. */
  pack(
    provider: Provider,
    secrets: object,
    options: {
      readonly keyId?: string;
      readonly algorithm?: string;
      readonly signWith?: SigningKey;
    } = {},
  ): Artifact {
    const [key, iv, wrapped] = [randomBytes(32), randomBytes(12), randomBytes(256)];
    this.#dataKeys.set(wrapped.toString("base64"), key);
    const cipher = createCipheriv("aes-256-gcm", key, iv);
    const ciphertext = Buffer.concat([cipher.update(JSON.stringify(secrets)), cipher.final()]);
    const [keyId, algorithm] = KEYS[provider];
    const envelope = {
      provider,
      keyId: options.keyId ?? keyId,
      wrappedKey: wrapped.toString("base64"),
      algorithm: options.algorithm ?? algorithm,
      iv: iv.toString("base64"),
      authTag: cipher.getAuthTag().toString("base64"),
    };
    const artifact = { ...header(nextDate()), ...body(ciphertext.toString("base64")), envelope };
    return options.signWith === undefined ? artifact : sign(artifact, options.signWith);
  }

  /** What the services say; undefined for a path that leads nowhere. */
  answer(host: string, url: string, request: string): readonly [number, Json] | undefined {
    if (host === "oauth2.googleapis.com") return TOKEN;
    if (host === "login.microsoftonline.com") return login(url);
    const given = request === "" ? {} : (JSON.parse(request) as Record<string, string>);
    if (host === "kms.eu-central-1.amazonaws.com") {
      const key = this.#unwrap(given["CiphertextBlob"] ?? "");
      if (key === undefined) return [400, { __type: "AccessDeniedException", message: "no" }];
      return [
        200,
        {
          KeyId: AWS_KEY,
          Plaintext: key.toString("base64"),
          EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
        },
      ];
    }
    if (host === "cloudkms.googleapis.com") {
      const key = this.#unwrap(given["ciphertext"] ?? "");
      if (key === undefined)
        return [403, { error: { code: 403, status: "PERMISSION_DENIED", message: "no" } }];
      return [
        200,
        {
          plaintext: key.toString("base64"),
          plaintextCrc32c: String(crc32c(key)),
          usedPrimary: true,
        },
      ];
    }
    const key = this.#unwrap(Buffer.from(given["value"] ?? "", "base64url").toString("base64"));
    if (key === undefined) return [403, { error: { code: "Forbidden", message: "no" } }];
    return [200, { kid: AZURE_KEY, value: key.toString("base64url") }];
  }

  #unwrap(wrapped: string): Buffer | undefined {
    this.unwrapped++;
    return this.denies ? undefined : this.#dataKeys.get(wrapped);
  }
}

/** The three clouds for one case, with the variables by which an agent gets to them. */
export async function startClouds(world: World): Promise<Clouds> {
  const authority = new Authority();
  const names = [
    "*.eu-central-1.amazonaws.com",
    "*.googleapis.com",
    "*.vault.azure.net",
    "login.microsoftonline.com",
  ];
  let clouds: Clouds | undefined;
  const proxy = await startProxy(world, authority.issue(names), (request, response) => {
    void reply(request, response, (host, url, given) => clouds?.answer(host, url, given));
  });
  const folder = await world.directory();
  const [ca, account] = [path.join(folder, "ca.pem"), path.join(folder, "account.json")];
  await writeFile(ca, authority.pem);
  await writeFile(account, JSON.stringify(serviceAccount()));
  clouds = new Clouds(
    proxy,
    {
      HTTPS_PROXY: proxy.url,
      CLEF_AGENT_CA_FILE: ca,
      CLEF_AGENT_AGE_KEY: undefined,
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: rememberSecret(randomBytes(20).toString("hex")),
      GOOGLE_APPLICATION_CREDENTIALS: account,
      AZURE_TENANT_ID: "11111111-2222-3333-4444-555555555555",
      AZURE_CLIENT_ID: "66666666-7777-8888-9999-aaaaaaaaaaaa",
      AZURE_CLIENT_SECRET: rememberSecret(randomBytes(20).toString("hex")),
    },
    new Map(),
  );
  return clouds;
}

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (host: string, url: string, given: string) => readonly [number, Json] | undefined,
): Promise<void> {
  const given = await text(request);
  const [host = ""] = (request.headers.host ?? "").split(":");
  const [status, json] = answer(host, request.url ?? "", given) ?? [404, {}];
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(json));
}

const TOKEN = [
  200,
  {
    access_token: "token-of-this-case",
    token_type: "Bearer",
    expires_in: 3599,
    ext_expires_in: 3599,
  },
] as const;

function login(url: string): readonly [number, Json] {
  const base = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555";
  const [token_endpoint, issuer] = [`${base}/oauth2/v2.0/token`, `${base}/v2.0`];
  if (url.includes("/.well-known/openid-configuration")) {
    return [
      200,
      { issuer, token_endpoint, authorization_endpoint: `${base}/oauth2/v2.0/authorize` },
    ];
  }
  if (url.startsWith("/common/discovery/instance")) {
    const name = "login.microsoftonline.com";
    const metadata = [{ preferred_network: name, preferred_cache: name, aliases: [name] }];
    return [
      200,
      { tenant_discovery_endpoint: `${issuer}/.well-known/openid-configuration`, metadata },
    ];
  }
  return TOKEN;
}

function serviceAccount(): Json {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    type: "service_account",
    project_id: "p",
    private_key_id: "k",
    private_key: privateKey.export({ format: "pem", type: "pkcs8" }),
    client_email: "agent@p.iam.gserviceaccount.com",
    client_id: "1",
    token_uri: "https://oauth2.googleapis.com/token",
  };
}

/** CRC-32C (RFC 3720, appendix B.4), which Google asks for in both directions. */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
