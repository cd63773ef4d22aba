import assert from "node:assert/strict";
import { parseHostList } from "../../../src/net/no-proxy.ts";
import type { FuzzTarget } from "../target.ts";

const URLS = ["https://api.example.com/", "http://10.1.2.3:8080/", "https://[fd00::1]/"].map(
  (text) => new URL(text),
);

/** NO_PROXY. */
export const target: FuzzTarget = {
  maxBytes: 200,
  seeds: [
    "localhost,.example.com,*.internal,10.0.0.0/8",
    "example.com:443 [fd00::1]:8443 fd00::/8",
    "192.168.0.1, *",
  ],
  words: ["*", ",", " ", ".", "/", ":", "[", "]", "example.com", "10.0.0.0/8", "fd00::/8", "xn--"],
  run(input) {
    const text = input.toString("utf8");
    const list = parseHostList(text);
    const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
    for (const position of list.unreadable) assert.ok(entries[position - 1] !== undefined);
    for (const url of URLS) {
      const has = list.has(url);
      if (entries.includes("*")) assert.ok(has);
      if (entries.length === 0) assert.ok(!has);
      if (entries.includes(url.hostname)) assert.ok(has, url.href);
    }
  },
};
