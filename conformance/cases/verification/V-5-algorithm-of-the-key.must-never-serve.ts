import { createHmac } from "node:crypto";
import { pack, signingPayload } from "../../tools/artifact.ts";
import { ECDSA, ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

export const cases = [
  refused("a signature by Ed25519 where the key is ECDSA", "signature_invalid", () => ({
    artifact: pack({ KEY: secretValue() }, { signWith: ED25519 }),
    env: { CLEF_AGENT_VERIFY_KEY: ECDSA.verifyKey },
  })),
  refused("a signature by ECDSA where the key is Ed25519", "signature_invalid", () => ({
    artifact: pack({ KEY: secretValue() }, { signWith: ECDSA }),
    env: { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey },
  })),
  refused("an HMAC under the public key", "signature_invalid", () => {
    const artifact = pack({ KEY: secretValue() });
    const mac = createHmac("sha512", ED25519.verifyKey).update(signingPayload(artifact)).digest();
    return {
      artifact: { ...artifact, signature: mac.toString("base64") },
      env: { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey },
    };
  }),
];
