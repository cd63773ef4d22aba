import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Status } from "../../../src/refresh/status.ts";
import { ask, handlerFor, feedOf } from "../../support/handler-client.ts";

const probe = (path: string, status: Partial<Status>): ReturnType<typeof ask> =>
  ask(handlerFor(feedOf("not_loaded", status)), path);

const STATES = ["not_loaded", "fresh", "cache_expired", "artifact_expired", "revoked"] as const;

describe("GET /v1/health", () => {
  test("tells what the contract says", async () => {
    const told = await probe("/v1/health", {});
    const { status, mode, revision, lastRefreshAt, expired } = told.json as Record<string, unknown>;
    assert.deepEqual(
      { status, mode, revision, lastRefreshAt, expired },
      {
        status: "ok",
        mode: "cached",
        revision: "1-00000000",
        lastRefreshAt: 1_700_000_000_000,
        expired: false,
      },
    );
  });

  for (const freshness of STATES) {
    test(`is 200 when ${freshness}: liveness never depends on the source`, async () => {
      const told = await probe("/v1/health", { freshness, consecutiveFailures: 99 });
      assert.equal(told.status, 200);
      const { expired } = told.json as { expired: boolean };
      assert.equal(expired, freshness === "cache_expired" || freshness === "artifact_expired");
    });
  }

  test("has null where there is nothing yet", async () => {
    const status = { freshness: "not_loaded", revision: null, lastRefreshAt: null } as const;
    assert.match((await probe("/v1/health", status)).text, /"revision":null,"lastRefreshAt":null/);
  });
});

describe("GET /v1/ready", () => {
  test("is 200 when fresh", async () => {
    const told = await probe("/v1/ready", { freshness: "fresh" });
    assert.equal(told.status, 200);
    assert.deepEqual(told.json, { ready: true });
  });
  for (const reason of STATES.filter((state) => state !== "fresh")) {
    test(`is 503 when ${reason}`, async () => {
      const told = await probe("/v1/ready", { freshness: reason });
      assert.equal(told.status, 503);
      assert.deepEqual(told.json, { ready: false, reason });
    });
  }
});
