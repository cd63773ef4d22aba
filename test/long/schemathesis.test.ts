import { test } from "node:test";
import { noSchemathesis, tryWithSchemathesis } from "../support/schemathesis.ts";

test("schemathesis finds nothing with ten thousand examples", { skip: noSchemathesis }, (t) =>
  tryWithSchemathesis(t, "300", { each: 2_700, atLeast: 10_000 }),
);
