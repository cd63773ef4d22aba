import { pack } from "../../tools/artifact.ts";
import { ED25519, OTHER_ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

const env = { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey };

export const cases = [
  refused("a signature by another key", "signature_invalid", () => ({
    artifact: pack({ KEY: secretValue() }, { signWith: OTHER_ED25519 }),
    env,
  })),
  refused("the signature of another artifact", "signature_invalid", () => {
    const { signature } = pack({ KEY: secretValue() }, { signWith: ED25519 });
    const artifact = pack({ KEY: secretValue() }, { signWith: ED25519 });
    return { artifact: { ...artifact, signature }, env };
  }),
  refused("a signature of zeros", "signature_invalid", () => {
    const artifact = pack({ KEY: secretValue() }, { signWith: ED25519 });
    return { artifact: { ...artifact, signature: Buffer.alloc(64).toString("base64") }, env };
  }),
  refused("a signature cut short", "signature_invalid", () => {
    const artifact = pack({ KEY: secretValue() }, { signWith: ED25519 });
    const short = Buffer.from(String(artifact["signature"]), "base64").subarray(0, 33);
    return { artifact: { ...artifact, signature: short.toString("base64") }, env };
  }),
];
