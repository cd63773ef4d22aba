import { pack } from "../../tools/artifact.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { served } from "../../tools/verdict.ts";

export const cases = [null, false].map((revokedAt) =>
  served(`an artifact whose revokedAt is ${revokedAt}`, () => {
    const secrets = { KEY: secretValue() };
    return { artifact: pack(secrets, { fields: { revokedAt } }), secrets };
  }),
);
