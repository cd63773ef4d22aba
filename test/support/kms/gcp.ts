import { type KeyObject, randomBytes, verify } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { answerWith, type Received, reply, type Reply } from "../answer.ts";
import { opened, portOf } from "../names-here.ts";
import { temporaryDirectory } from "../temporary.ts";
import { crc32cOf } from "./crc32c.ts";
import type { FakeKms, Fault } from "./fake-kms.ts";
import { MasterKey } from "./master-key.ts";
import { rsaKeys } from "./rsa-keys.ts";
import { bearerOf, type Body, TokenKms } from "./token-kms.ts";

const RING = "projects/clef-test/locations/europe-west3/keyRings/agents/cryptoKeys";
const KEY = `${RING}/production`;
const ACCOUNT = "agent@clef-test.iam.gserviceaccount.com";
const SCOPE = "https://www.googleapis.com/auth/cloudkms";

/** How a workload shows who it is. */
export type GcpIdentity =
  /** A key file of a service account, which signs its own tokens. */
  | "service_account"
  /** The metadata server of a machine or pod. */
  | "metadata"
  /** Workload identity federation with a token in a file. */
  | "federation";

/**
 * GCP Cloud KMS with one key over REST, and where its tokens come from
 * (https://cloud.google.com/kms/docs/reference/rest).
 */
export class FakeGcpKms extends TokenKms implements FakeKms {
  readonly provider = "gcp";
  readonly keyId = KEY;
  readonly keyName = KEY;
  readonly missingKeyId = `${RING}/absent`;
  readonly #master = new MasterKey(KEY);
  readonly #account = rsaKeys("a service account of GCP");
  readonly #subjectToken = randomBytes(20).toString("hex");

  static async start(
    context: Pick<TestContext, "after">,
    identity: GcpIdentity = "service_account",
  ): Promise<FakeGcpKms> {
    const fake = new FakeGcpKms(context);
    const hosts = { kms: "cloudkms.googleapis.com", tokens: "sts.googleapis.com" };
    const shown = await fake.#identify(identity);
    await fake.open(hosts, { CLOUDSDK_CONFIG: "/nonexistent", ...shown });
    return fake;
  }

  dataKeyOf(wrappedKey: Buffer): Buffer | undefined {
    return this.#master.decrypt(wrappedKey);
  }

  async #identify(identity: GcpIdentity): Promise<Readonly<Record<string, string>>> {
    const directory = await temporaryDirectory(this.context);
    const file = join(directory, "credentials.json");
    switch (identity) {
      case "service_account":
        await writeFile(file, JSON.stringify(this.#keyFile()));
        return { GOOGLE_APPLICATION_CREDENTIALS: file };
      case "federation": {
        const token = join(directory, "token");
        await writeFile(token, this.#subjectToken);
        await writeFile(file, JSON.stringify(federationFile(token)));
        return { GOOGLE_APPLICATION_CREDENTIALS: file };
      }
      case "metadata": {
        const server = createServer(answerWith((received) => this.#metadata(received)));
        await opened(this.context, server);
        return { GCE_METADATA_HOST: `127.0.0.1:${portOf(server)}` };
      }
    }
  }

  #keyFile(): Body {
    return {
      type: "service_account",
      project_id: "clef-test",
      private_key_id: "1",
      private_key: this.#account.privateKey.export({ format: "pem", type: "pkcs8" }),
      client_email: ACCOUNT,
      client_id: "1",
      token_uri: "https://oauth2.googleapis.com/token",
    };
  }

  #metadata({ request, response, url }: Received): void {
    const headers = { "metadata-flavor": "Google" };
    const refused = request.headers["metadata-flavor"] !== "Google";
    if (refused) reply(response, { status: 403, body: {} });
    else if (url.pathname.endsWith("/token")) {
      reply(response, { status: 200, body: this.#googleToken(), headers });
    } else if (url.pathname.endsWith("/universe-domain")) response.writeHead(404, headers).end();
    else response.writeHead(200, headers).end("clef-test");
  }

  /** The token exchange of RFC 8693, as Google's Security Token Service has it. */
  protected giveToken({ body }: Received): Reply {
    const form = new URLSearchParams(body.toString());
    const good =
      form.get("grant_type") === "urn:ietf:params:oauth:grant-type:token-exchange" &&
      form.get("subject_token") === this.#subjectToken;
    if (!good) return { status: 400, body: { error: "invalid_grant" } };
    return { status: 200, body: { ...this.#googleToken(), issued_token_type: ACCESS_TOKEN } };
  }

  #googleToken(): Body {
    const token = this.newToken(`ya29.${randomBytes(24).toString("base64url")}`);
    return { ...token, expires_in: 3600 };
  }

  protected answer(received: Received, fault: Fault | undefined): Reply {
    const { request, body, url } = received;
    const bearer = bearerOf(received);
    if (fault === "server_error") return refuse(503, "UNAVAILABLE");
    if (fault === "throttle") {
      return refuse(429, "RESOURCE_EXHAUSTED", { headers: { "retry-after": "7" } });
    }
    const known = this.wasGiven(bearer) || isSignedBy(bearer, this.#account.publicKey);
    if (!known || fault === "expired_credentials") return refuse(401, "UNAUTHENTICATED");
    const [, name, method] = /^\/v1\/(.+):(encrypt|decrypt)$/.exec(url.pathname) ?? [];
    if (request.method !== "POST" || method === undefined) return refuse(404, "NOT_FOUND");
    if (this.denied) {
      return refuse(403, "PERMISSION_DENIED", { reason: "IAM_PERMISSION_DENIED" });
    }
    if (name !== KEY) return refuse(404, "NOT_FOUND");
    if (this.isUnfit)
      return refuse(400, "FAILED_PRECONDITION", { violation: "CRYPTO_SCHEME_MISMATCH" });
    if (this.disabled) return refuse(400, "FAILED_PRECONDITION", { violation: "KEY_DISABLED" });
    const given = JSON.parse(body.toString()) as Body;
    const answer = method === "encrypt" ? this.#encrypt(given) : this.#decrypt(given);
    if (answer === undefined) return refuse(400, "INVALID_ARGUMENT");
    return { status: 200, body: fault === "damage" ? damaged(answer) : answer };
  }

  #encrypt(body: Body): Body | undefined {
    const plaintext = checked(body["plaintext"], body["plaintextCrc32c"]);
    if (plaintext === undefined) return undefined;
    const ciphertext = this.#master.encrypt(plaintext);
    return {
      name: `${KEY}/cryptoKeyVersions/1`,
      ciphertext: ciphertext.toString("base64"),
      ciphertextCrc32c: crc32cOf(ciphertext),
      verifiedPlaintextCrc32c: body["plaintextCrc32c"] !== undefined,
      protectionLevel: "SOFTWARE",
    };
  }

  #decrypt(body: Body): Body | undefined {
    const ciphertext = checked(body["ciphertext"], body["ciphertextCrc32c"]);
    const plaintext = ciphertext && this.#master.decrypt(ciphertext);
    if (plaintext === undefined) return undefined;
    return {
      plaintext: plaintext.toString("base64"),
      plaintextCrc32c: crc32cOf(plaintext),
      usedPrimary: true,
      protectionLevel: "SOFTWARE",
    };
  }
}

const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

function federationFile(tokenFile: string): Body {
  return {
    type: "external_account",
    audience:
      "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: "https://sts.googleapis.com/v1/token",
    credential_source: { file: tokenFile },
  };
}

/** What may come with an error. */
interface More {
  readonly reason?: string;
  readonly violation?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function refuse(code: number, status: string, { reason, violation, headers }: More = {}): Reply {
  const type = (name: string): Body => ({ "@type": `type.googleapis.com/google.rpc.${name}` });
  const details = [
    ...(reason === undefined ? [] : [{ ...type("ErrorInfo"), reason }]),
    ...(violation === undefined
      ? []
      : [{ ...type("PreconditionFailure"), violations: [{ type: violation, subject: KEY }] }]),
  ];
  const body = { error: { code, message: `fake: ${status}`, status, details } };
  return { status: code, body, headers: headers ?? {} };
}

/** The bytes of a base64 field, if their checksum is the one that came along. */
function checked(text: unknown, crc: unknown): Buffer | undefined {
  const bytes = Buffer.from(typeof text === "string" ? text : "", "base64");
  return bytes.length > 0 && (crc === undefined || crc === crc32cOf(bytes)) ? bytes : undefined;
}

/** A byte of what matters is another one; the checksum is the old one. */
function damaged(answer: Body): Body {
  const name = answer["plaintext"] === undefined ? "ciphertext" : "plaintext";
  const bytes = Buffer.from(String(answer[name]), "base64");
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return { ...answer, [name]: bytes.toString("base64") };
}

/** A token that a service account signed for itself (https://google.aip.dev/auth/4111). */
function isSignedBy(token: string, key: KeyObject): boolean {
  const [head = "", claims = "", signature = ""] = token.split(".");
  if (signature === "") return false;
  const signed = Buffer.from(`${head}.${claims}`);
  const good = verify("sha256", signed, key, Buffer.from(signature, "base64url"));
  const { iss, scope, exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as Body;
  return good && iss === ACCOUNT && scope === SCOPE && Number(exp) * 1000 > Date.now();
}
