import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { TestContext } from "node:test";
import { answerWith, type Received, reply } from "../answer.ts";
import { installEnv } from "../install-env.ts";
import { opened, portOf } from "../names-here.ts";
import { verifySignature } from "../sigv4.ts";
import { carryOut, type FakeKms, type Fault, Switches } from "./fake-kms.ts";
import { MasterKey } from "./master-key.ts";
import { rsaKeys } from "./rsa-keys.ts";
import { signDigest } from "./sign-digest.ts";

const REGION = "eu-central-1";
const ACCOUNT = "111122223333";
const ACCESS_KEY = "AKIDEXAMPLEKMS";
const ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const ALIAS = `arn:aws:kms:${REGION}:${ACCOUNT}:alias/clef`;
const SIGNING_ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/aaaabbbb-12ab-34cd-56ef-1234567890ab`;
const RSA_ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/ccccdddd-12ab-34cd-56ef-1234567890ab`;

type Body = Readonly<Record<string, unknown>>;

/** An error of the API: its type and the status that it comes with. */
class AwsError extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, status = 400) {
    super(`the fake AWS KMS says ${type}`);
    this.type = type;
    this.status = status;
  }
}

/**
 * AWS KMS with one symmetric key, which has an alias, and two that sign (AWS KMS API Reference). Checks
 * the signature of every request.
 */
export class FakeAwsKms extends Switches implements FakeKms {
  readonly provider = "aws";
  readonly keyId = ARN;
  readonly keyName = ALIAS;
  readonly missingKeyId = `arn:aws:kms:${REGION}:${ACCOUNT}:key/00000000-12ab-34cd-56ef-1234567890ab`;
  /** An ECC_NIST_P256 key and an RSA_2048 key, both to sign with. */
  readonly signingKeyId = SIGNING_ARN;
  readonly rsaKeyId = RSA_ARN;
  /** The public half of the signing key, as CLEF_AGENT_VERIFY_KEY takes it. */
  readonly verifyKey: string;
  readonly env: Readonly<Record<string, string>>;
  /** What Decrypt and Encrypt call the key that they used, where it is not the one that they did use. */
  misnames: string | undefined;
  readonly #context: Pick<TestContext, "after">;
  readonly #secret = randomBytes(30).toString("base64");
  readonly #master = new MasterKey(ARN);
  readonly #signing = generateKeyPairSync("ec", { namedCurve: "P-256" });
  readonly #rsa = rsaKeys("AWS KMS");

  private constructor(context: Pick<TestContext, "after">, port: () => number) {
    super();
    this.#context = context;
    this.verifyKey = spki(this.#signing.publicKey);
    const secret = this.#secret;
    this.env = {
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: secret,
      // No file of this machine, and no metadata service, has a say.
      AWS_CONFIG_FILE: "/nonexistent",
      AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
      AWS_EC2_METADATA_DISABLED: "true",
      get AWS_ENDPOINT_URL_KMS() {
        return `http://127.0.0.1:${port()}`;
      },
    };
  }

  static async start(context: Pick<TestContext, "after">): Promise<FakeAwsKms> {
    const server = createServer(answerWith((received) => fake.#receive(received)));
    const fake = new FakeAwsKms(context, () => portOf(server));
    await opened(context, server);
    return fake;
  }

  dataKeyOf(wrappedKey: Buffer): Buffer | undefined {
    return this.#master.decrypt(wrappedKey);
  }

  install(): void {
    installEnv(this.#context, this.env);
  }

  #receive(received: Received): void {
    const { request, response, body } = received;
    const headers = { "content-type": "application/x-amz-json-1.1" };
    const fault = this.takeFault();
    if (carryOut(fault, received)) return;
    try {
      this.#checkSignature(received);
      const operation = String(request.headers["x-amz-target"]);
      const answer = this.#answer(operation, JSON.parse(body.toString()) as Body, fault);
      reply(response, { status: 200, body: answer, headers });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const shape = { __type: error.type, message: error.message };
      reply(response, { status: error.status, body: shape, headers });
    }
  }

  #checkSignature({ request, body }: Received): void {
    const verdict = verifySignature(
      { method: request.method ?? "", target: request.url ?? "", headers: request.headers, body },
      {
        service: "kms",
        region: REGION,
        keys: { [ACCESS_KEY]: { secretAccessKey: this.#secret } },
        nowMs: Date.now(),
      },
    );
    if (verdict.kind === "unsigned") throw new AwsError("MissingAuthenticationTokenException");
    if (verdict.kind === "signed") return;
    const unknown = verdict.why === "unknown_key";
    throw new AwsError(unknown ? "UnrecognizedClientException" : "InvalidSignatureException");
  }

  #answer(operation: string, body: Body, fault: Fault | undefined): Body {
    if (fault === "server_error") throw new AwsError("KMSInternalException", 500);
    if (fault === "throttle") throw new AwsError("ThrottlingException");
    if (fault === "expired_credentials") throw new AwsError("ExpiredTokenException");
    const key = this.#findKey(body["KeyId"]);
    if (this.denied) throw new AwsError("AccessDeniedException");
    if (this.isUnfit) throw new AwsError("InvalidKeyUsageException");
    if (this.disabled) throw new AwsError("DisabledException");
    const wrapping = operation === "TrentService.Decrypt" || operation === "TrentService.Encrypt";
    if (wrapping !== (key === ARN)) throw new AwsError("InvalidKeyUsageException");
    const damaged = (bytes: Buffer): string => {
      if (fault === "damage") bytes[0] = (bytes[0] ?? 0) ^ 1;
      return bytes.toString("base64");
    };
    switch (operation) {
      case "TrentService.Encrypt": {
        const blob = this.#master.encrypt(bytesOf(body["Plaintext"]));
        const KeyId = this.misnames ?? (fault === "damage" ? "alias/clef" : key);
        return { CiphertextBlob: blob.toString("base64"), KeyId, EncryptionAlgorithm: ALGORITHM };
      }
      case "TrentService.Decrypt": {
        const plaintext = this.#master.decrypt(bytesOf(body["CiphertextBlob"]));
        if (plaintext === undefined) throw new AwsError("InvalidCiphertextException");
        const KeyId = this.misnames ?? (fault === "damage" ? SIGNING_ARN : key);
        return { EncryptionAlgorithm: ALGORITHM, KeyId, Plaintext: plaintext.toString("base64") };
      }
      case "TrentService.GetPublicKey":
        return key === SIGNING_ARN
          ? publicKeyAnswer(key, "ECC_NIST_P256", spki(this.#signing.publicKey))
          : publicKeyAnswer(key, "RSA_2048", spki(this.#rsa.publicKey));
      case "TrentService.Sign": {
        if (key !== SIGNING_ARN || body["SigningAlgorithm"] !== "ECDSA_SHA_256") {
          throw new AwsError("InvalidKeyUsageException");
        }
        const signature = signDigest(bytesOf(body["Message"]), this.#signing.privateKey);
        if (body["MessageType"] !== "DIGEST") throw new AwsError("ValidationException");
        return { KeyId: key, Signature: damaged(signature), SigningAlgorithm: "ECDSA_SHA_256" };
      }
      default:
        throw new AwsError("UnknownOperationException");
    }
  }

  #findKey(name: unknown): string {
    if (name === ALIAS || name === "alias/clef" || name === ARN.split("/").at(-1)) return ARN;
    if (name === ARN || name === SIGNING_ARN || name === RSA_ARN) return name;
    throw new AwsError("NotFoundException");
  }
}

const ALGORITHM = "SYMMETRIC_DEFAULT";

function bytesOf(value: unknown): Buffer {
  const bytes = Buffer.from(typeof value === "string" ? value : "", "base64");
  if (bytes.length === 0 || bytes.toString("base64") !== value) {
    throw new AwsError("SerializationException");
  }
  return bytes;
}

function spki(key: KeyObject): string {
  return key.export({ format: "der", type: "spki" }).toString("base64");
}

function publicKeyAnswer(KeyId: string, KeySpec: string, PublicKey: string): Body {
  return { KeyId, KeySpec, KeyUsage: "SIGN_VERIFY", PublicKey };
}
