import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CrashReport, crashAgain } from "../support/crashes.ts";

const LANES = 2;
const KILLS = 100;

describe("200 times kill -9 while artifacts change, in two lanes", { concurrency: true }, () => {
  for (let lane = 1; lane <= LANES; lane++) {
    it(`lane ${lane}: every restart serves a whole revision, none older than a reader saw`, async (t) => {
      const { kills, revisions, served }: CrashReport = await crashAgain(t, KILLS);
      t.diagnostic(
        `${kills} kills, ${revisions} revisions; served after a restart: ${JSON.stringify(served)}`,
      );
      for (const [mood, times] of Object.entries(served)) assert.ok(times > 0, mood);
    });
  }
});
