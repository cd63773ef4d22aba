import { test } from "node:test";
import { noSchemathesis, tryWithSchemathesis } from "../support/schemathesis.ts";

for (const { mode, ttl } of [
  { mode: "cached", ttl: "300" },
  { mode: "just-in-time", ttl: "0" },
]) {
  test(
    `schemathesis finds nothing with three hundred examples in ${mode} mode`,
    { skip: noSchemathesis },
    (t) => tryWithSchemathesis(t, ttl, { each: 100, atLeast: 300 }),
  );
}
