import { createHash } from "node:crypto";
import { pack, sign } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

const sha256 = (bytes: string | Buffer): string => createHash("sha256").update(bytes).digest("hex");

export const cases = [
  refused("a ciphertext that the hash is not of", "integrity", () => {
    const ciphertext = pack({ KEY: secretValue() })["ciphertext"];
    return { artifact: pack({ KEY: secretValue() }, { fields: { ciphertext } }) };
  }),
  refused("the hash of the decoded bytes", "integrity", () => {
    const artifact = pack({ KEY: secretValue() });
    const bytes = Buffer.from(String(artifact["ciphertext"]), "base64");
    return { artifact: { ...artifact, ciphertextHash: sha256(bytes) } };
  }),
  refused("a hash that begins as the right one does", "integrity", () => {
    const artifact = pack({ KEY: secretValue() });
    const begun = String(artifact["ciphertextHash"]).slice(0, 32);
    return { artifact: { ...artifact, ciphertextHash: begun.padEnd(64, "0") } };
  }),
  refused("another ciphertext under a good signature", "integrity", () => {
    const artifact = sign(pack({ KEY: secretValue() }), ED25519);
    const { ciphertext } = pack({ KEY: secretValue() });
    return {
      artifact: { ...artifact, ciphertext },
      env: { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey },
    };
  }),
];
