import { type Artifact, body, pack } from "../../tools/artifact.ts";
import { ED25519 } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

type Spoil = (base64: string) => string;

const SPOILS: Readonly<Record<string, Spoil>> = {
  "without its padding": (base64) => base64.replace(/=+$/, ""),
  "with a line break": (base64) => `${base64.slice(0, 40)}\n${base64.slice(40)}`,
  "with a blank at its end": (base64) => `${base64} `,
  "in the alphabet for addresses": (base64) => `--__${base64.slice(4)}`,
  "with bits of nothing in its last character": (base64) =>
    base64.replace(/(.)(=+)$/, (_all, last: string, pad: string) => `${next(last)}${pad}`),
};

/** Of 48 or 64 bytes and their like nothing is padded, so a payload is made whose ciphertext is. */
function padded(): Artifact {
  for (;;) {
    const artifact = pack({ KEY: secretValue(), more: "x".repeat(Math.floor(Math.random() * 9)) });
    if (String(artifact["ciphertext"]).endsWith("=")) return artifact;
  }
}

function next(character: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return alphabet.charAt(alphabet.indexOf(character) + 1);
}

export const cases = Object.entries(SPOILS).flatMap(([how, spoil]) => [
  refused(`a ciphertext ${how}`, "invalid_shape", () => {
    const artifact = padded();
    return { artifact: { ...artifact, ...body(spoil(String(artifact["ciphertext"]))) } };
  }),
  refused(`a signature ${how}`, "invalid_shape", () => {
    const artifact = pack({ KEY: secretValue() }, { signWith: ED25519 });
    return {
      artifact: { ...artifact, signature: spoil(String(artifact["signature"])) },
      env: { CLEF_AGENT_VERIFY_KEY: ED25519.verifyKey },
    };
  }),
]);
