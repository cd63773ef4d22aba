import { pack } from "../../tools/artifact.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { served } from "../../tools/verdict.ts";

export const cases = [
  served("an artifact for the configured identity and environment", () => {
    const secrets = { KEY: secretValue() };
    const env = { CLEF_AGENT_IDENTITY: "api", CLEF_AGENT_ENVIRONMENT: "production" };
    return { artifact: pack(secrets), env, secrets };
  }),
  served("an artifact for anyone, where none is configured", () => {
    const secrets = { KEY: secretValue() };
    return { artifact: pack(secrets, { fields: { identity: "any" } }), secrets };
  }),
];
