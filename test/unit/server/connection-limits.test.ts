import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MAX_CONNECTIONS, MIN_CONNECTIONS, RESERVED_DESCRIPTORS } from "../../../src/limits.ts";
import { connectionLimits, type ListenerCounts } from "../../../src/server/connection-limits.ts";

const all = (descriptors: number, listeners: ListenerCounts): number => {
  const { api, probes } = connectionLimits(descriptors, listeners);
  const ofApi = (api.unproven + api.trusted) * listeners.apis;
  return ofApi + (probes.unproven + probes.trusted) * listeners.probes;
};

const ALONE = { apis: 1, probes: 0 };
const TOGETHER = [ALONE, { apis: 1, probes: 1 }, { apis: 2, probes: 0 }, { apis: 2, probes: 1 }];

describe("the connections of all listeners", () => {
  for (const listeners of TOGETHER) {
    for (const descriptors of [256, 1_024, 65_536, Number.POSITIVE_INFINITY]) {
      test(`leave descriptors for the rest of ${descriptors}, with ${listeners.apis} of the API and ${listeners.probes} for probes`, () => {
        assert.ok(all(descriptors, listeners) <= descriptors - RESERVED_DESCRIPTORS);
        assert.ok(all(descriptors, listeners) >= 160);
      });
    }
  }

  test("are bounded where descriptors are not", () => {
    assert.equal(all(Number.POSITIVE_INFINITY, ALONE), MAX_CONNECTIONS);
  });

  test("are a few even where there is no room for them", () => {
    for (const listeners of TOGETHER) assert.equal(all(20, listeners), MIN_CONNECTIONS);
  });
});
