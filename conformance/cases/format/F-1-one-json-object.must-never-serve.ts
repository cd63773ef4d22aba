import { pack } from "../../tools/artifact.ts";
import { secretValue } from "../../tools/secret-texts.ts";
import { refused } from "../../tools/verdict.ts";

const good = (): string => JSON.stringify(pack({ KEY: secretValue() }));

export const cases = [
  refused("nothing", "json_parse", () => ({ artifact: "" })),
  refused("a page of HTML", "json_parse", () => ({ artifact: "<!doctype html><p>Not here</p>" })),
  refused("half of an artifact", "json_parse", () => {
    const text = good();
    return { artifact: text.slice(0, text.length / 2) };
  }),
  refused("an artifact with more after it", "json_parse", () => ({ artifact: `${good()}{}` })),
  refused("bytes that are not UTF-8", "json_parse", () => {
    const text = good().replace('"api"', '"ap\u0001"');
    // An e acute of Latin-1, which is no UTF-8.
    return { artifact: Buffer.from(Buffer.from(text).map((byte) => (byte === 1 ? 0xe9 : byte))) };
  }),
  refused("null", "invalid_shape", () => ({ artifact: "null" })),
  refused("a list with an artifact in it", "invalid_shape", () => ({ artifact: `[${good()}]` })),
  refused("a string that holds an artifact", "invalid_shape", () => ({
    artifact: JSON.stringify(good()),
  })),
];
