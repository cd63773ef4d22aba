import { pack } from "../../tools/artifact.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { served } from "../../tools/verdict.ts";

const DATES = ["2020-06-01T12:00:00Z", "2020-06-01T12:00:00.123Z", "2020-06-01T12:00:00+02:00"];

export const cases = DATES.map((packedAt) =>
  served(`packedAt "${packedAt}"`, () => {
    const secrets = { KEY: secretValue() };
    return { artifact: pack(secrets, { fields: { packedAt } }), secrets };
  }),
);
