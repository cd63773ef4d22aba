import { createHash, verify } from "node:crypto";
import { decodeBase64, own } from "../artifact/fields.ts";
import type { AgentError } from "../errors.ts";
import type { Signer } from "../keys/signing-keys.ts";
import { parseVerifyKeys, type VerifyKey } from "../keys/verify-keys.ts";
import { type AwsClient, awsClient } from "./aws-client.ts";
import { type AwsKeyAddress, locateKey } from "./aws-key.ts";
import { AWS_WORDS } from "./aws-words.ts";
import type { KmsParts } from "./kms.ts";
import { kmsError, type Operation } from "./problem.ts";
import { parseObject } from "./secret-json.ts";

const ALGORITHM = "ECDSA_SHA_256";

/**
 * A signer whose private key stays in AWS KMS: ECDSA P-256 with SHA-256, DER-encoded (AWS KMS API
 * Reference, "Sign"). Only the digest is sent. What comes back is checked with the public key.
 *
 * @throws AgentError `kms_failed`, also for a key of any other kind.
 */
export async function awsSigner(
  keyId: string,
  parts: KmsParts,
  ask: AwsClient = awsClient(parts),
): Promise<Signer> {
  const key = await locateKey("read_public_key", keyId);
  const publicKey = await readPublicKey(key, ask);
  return {
    algorithm: publicKey.algorithm,
    async sign(payload) {
      const body = JSON.stringify({
        KeyId: key.name,
        Message: createHash("sha256").update(payload).digest("base64"),
        MessageType: "DIGEST",
        SigningAlgorithm: ALGORITHM,
      });
      const answer = parseObject(await ask({ operation: "sign", key, body })) ?? {};
      const signature = decoded(own(answer, "Signature"));
      if (signature !== undefined && verify("sha256", payload, publicKey.key, signature)) {
        return signature;
      }
      throw failed("sign", key, "its signature does not fit its public key");
    },
  };
}

async function readPublicKey(key: AwsKeyAddress, ask: AwsClient): Promise<VerifyKey> {
  const operation = "read_public_key";
  const body = JSON.stringify({ KeyId: key.name });
  const answer = parseObject(await ask({ operation, key, body })) ?? {};
  const text = own(answer, "PublicKey");
  if (typeof text !== "string" || text === "" || decoded(text) === undefined) {
    throw failed(operation, key, "its answer holds no public key");
  }
  const publicKey = parsePublicKey(text);
  if (publicKey?.algorithm === "ECDSA_SHA256") return publicKey;
  throw kmsError(AWS_WORDS, operation, key.name, { kind: "unfit" });
}

/** Base64 of DER SPKI, which is a verify key as it stands if it is of such a kind. */
function parsePublicKey(text: string): VerifyKey | undefined {
  try {
    return parseVerifyKeys(text)[0];
  } catch {
    return undefined;
  }
}

function decoded(value: unknown): Buffer | undefined {
  return typeof value === "string" ? decodeBase64(value) : undefined;
}

function failed(operation: Operation, key: AwsKeyAddress, detail: string): AgentError {
  return kmsError(AWS_WORDS, operation, key.name, { kind: "unexpected", detail });
}
