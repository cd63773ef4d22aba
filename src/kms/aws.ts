import { decodeBase64, own } from "../artifact/fields.ts";
import type { AgentError } from "../errors.ts";
import { type AwsClient, awsClient } from "./aws-client.ts";
import { isAnswerOf, locateKey } from "./aws-key.ts";
import { AWS_WORDS } from "./aws-words.ts";
import type { Kms, KmsParts } from "./kms.ts";
import { kmsError, type Operation } from "./problem.ts";
import { parseObject, takeSecret, withSecret } from "./secret-json.ts";

const ALGORITHM = "SYMMETRIC_DEFAULT";

/**
 * AWS KMS (AWS KMS API Reference, "Decrypt", "Encrypt"). The key is always named, so that a wrapped key
 * of somebody else's is refused and not unwrapped with theirs.
 */
export function awsKms(parts: KmsParts, ask: AwsClient = awsClient(parts)): Kms {
  return {
    provider: "aws",
    algorithm: ALGORITHM,
    async unwrap(keyId, wrappedKey) {
      const key = await locateKey("unwrap", keyId);
      const body = JSON.stringify({
        KeyId: keyId,
        CiphertextBlob: wrappedKey.toString("base64"),
        EncryptionAlgorithm: ALGORITHM,
      });
      const answer = takeSecret(await ask({ operation: "unwrap", key, body }), "Plaintext");
      const isOfKey = answer !== undefined && isAnswerOf(key, own(answer.rest, "KeyId"));
      if (answer?.secret !== undefined && isOfKey) return answer.secret;
      answer?.secret?.fill(0);
      throw unexpected("unwrap", keyId, "its answer holds no data key, or names another key");
    },
    async wrap(keyId, dataKey) {
      const key = await locateKey("wrap", keyId);
      const members = { KeyId: key.name, EncryptionAlgorithm: ALGORITHM };
      const body = withSecret(members, "Plaintext", dataKey, "base64");
      let answer;
      try {
        answer = parseObject(await ask({ operation: "wrap", key, body })) ?? {};
      } finally {
        body.fill(0);
      }
      const blob = own(answer, "CiphertextBlob");
      const wrappedKey = typeof blob === "string" ? decodeBase64(blob) : undefined;
      const arn = own(answer, "KeyId");
      if (wrappedKey === undefined || !isAnswerOf(key, arn)) {
        throw unexpected(
          "wrap",
          keyId,
          "its answer holds no wrapped key, or not the ARN of the key",
        );
      }
      return { keyId: arn, wrappedKey };
    },
  };
}

function unexpected(operation: Operation, keyId: string, detail: string): AgentError {
  return kmsError(AWS_WORDS, operation, keyId, { kind: "unexpected", detail });
}
