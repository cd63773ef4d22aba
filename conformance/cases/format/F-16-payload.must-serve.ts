import { pack } from "../../tools/artifact.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { served } from "../../tools/verdict.ts";

const payloads = (): Readonly<Record<string, object>> => ({
  "a flat payload": { DB_URL: secretValue(), API_KEY: secretValue() },
  "a payload of namespaces": { app: { DB_URL: secretValue() }, web: { DB_URL: secretValue() } },
  "a mix of both": { TOP: secretValue(), app: { DB_URL: secretValue() } },
  "an empty payload": {},
  "an empty namespace": { app: {}, TOP: secretValue() },
  "an empty value": { EMPTY: "" },
  "values of any text": {
    QUOTES: `"'\\`,
    LINES: "one\r\ntwo\t\u0000three",
    EMOJI: "ключ 🔑",
    HTML: "</script>",
  },
  "names of any text": { "a b/c%2F": secretValue(), ключ: secretValue(), "": secretValue() },
  "names that JavaScript has a meaning for": JSON.parse(
    '{"constructor":"one","toString":"two","hasOwnProperty":"three"}',
  ) as object,
});

export const cases = Object.keys(payloads()).map((name) =>
  served(name, () => {
    const secrets = payloads()[name] ?? {};
    return { artifact: pack(secrets), secrets };
  }),
);
