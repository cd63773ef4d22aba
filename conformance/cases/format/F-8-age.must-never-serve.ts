import { body, pack } from "../../tools/artifact.ts";
import { refused } from "../../tools/verdict.ts";
import { secretValue } from "../../tools/secret-texts.ts";

export const cases = [
  refused("plaintext in the place of ciphertext", "decrypt", () => {
    const plaintext = Buffer.from(JSON.stringify({ KEY: secretValue() })).toString("base64");
    return { artifact: pack({}, { fields: body(plaintext) }) };
  }),
  refused("an age file in its text form", "decrypt", () => {
    const file = String(pack({ KEY: secretValue() })["ciphertext"]);
    const text = `-----BEGIN AGE ENCRYPTED FILE-----\n${file.match(/.{1,64}/g)?.join("\n")}\n-----END AGE ENCRYPTED FILE-----\n`;
    return { artifact: pack({}, { fields: body(Buffer.from(text).toString("base64")) }) };
  }),
  refused("an age file of another version", "decrypt", () => {
    const file = Buffer.from(String(pack({ KEY: secretValue() })["ciphertext"]), "base64");
    file.write("age-encryption.org/v2");
    return { artifact: pack({}, { fields: body(file.toString("base64")) }) };
  }),
];
