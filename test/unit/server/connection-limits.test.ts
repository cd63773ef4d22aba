import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MAX_CONNECTIONS, MIN_CONNECTIONS, RESERVED_DESCRIPTORS } from "../../../src/limits.ts";
import { connectionLimits } from "../../../src/server/connection-limits.ts";

const all = (descriptors: number, probeListener: boolean): number => {
  const { api, probes } = connectionLimits(descriptors, probeListener);
  return api.unproven + api.trusted + probes.unproven + probes.trusted;
};

describe("the connections of all listeners", () => {
  for (const probeListener of [false, true]) {
    for (const descriptors of [256, 1_024, 65_536, Number.POSITIVE_INFINITY]) {
      test(`leave descriptors for the rest of ${descriptors}, ${probeListener ? "with" : "without"} probes`, () => {
        assert.ok(all(descriptors, probeListener) <= descriptors - RESERVED_DESCRIPTORS);
        assert.ok(all(descriptors, probeListener) >= 160);
      });
    }
  }

  test("are bounded where descriptors are not", () => {
    assert.equal(all(Number.POSITIVE_INFINITY, false), MAX_CONNECTIONS);
  });

  test("are a few even where there is no room for them", () => {
    for (const probeListener of [false, true])
      assert.equal(all(20, probeListener), MIN_CONNECTIONS);
  });
});
