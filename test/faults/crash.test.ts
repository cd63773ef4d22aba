import { test } from "node:test";
import { crashAgain } from "../support/crashes.ts";

test("12 times kill -9 while artifacts change: every restart serves a whole revision, none older than seen", async (t) => {
  const { revisions, served } = await crashAgain(t, 12);
  t.diagnostic(`${revisions} revisions; served after a restart: ${JSON.stringify(served)}`);
});
