import { newAgeKey } from "../../tools/age.ts";
import { pack } from "../../tools/artifact.ts";
import { AGE, OTHER_AGE } from "../../tools/keys.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { served } from "../../tools/verdict.ts";

export const cases = [
  served("an age file for one recipient", () => {
    const secrets = { KEY: secretValue() };
    return { artifact: pack(secrets), secrets };
  }),
  served("one of several recipients, the last one", () => {
    const secrets = { KEY: secretValue() };
    return { artifact: pack(secrets, { recipients: [OTHER_AGE, newAgeKey(), AGE] }), secrets };
  }),
  served("a payload of several chunks of age", () => {
    const secrets = { KEY: secretValue(), LONG: "long ".repeat(40_000) };
    return { artifact: pack(secrets), secrets };
  }),
  served("a payload that ends with a chunk of age", () => {
    const secrets = { KEY: secretValue(), LONG: "" };
    const LONG = "x".repeat(65_536 - JSON.stringify(secrets).length);
    return { artifact: pack({ ...secrets, LONG }), secrets: { ...secrets, LONG } };
  }),
];
