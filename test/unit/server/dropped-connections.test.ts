import assert from "node:assert/strict";
import { test } from "node:test";
import { DROPPED_CONNECTIONS_SPACING_MS } from "../../../src/limits.ts";
import { DroppedConnections } from "../../../src/server/dropped-connections.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { recordingLog } from "../../support/recording-log.ts";

test("dropped connections are one line a minute, which says how many there were", async () => {
  const clock = new FakeClock();
  const { log, lines } = recordingLog();
  const dropped = new DroppedConnections("CLEF_AGENT_PORT", clock, log);
  for (let index = 0; index < 100; index++) dropped.dropped("unproven");
  dropped.dropped("idle");
  assert.equal(lines.length, 1);
  await clock.advance(DROPPED_CONNECTIONS_SPACING_MS);
  dropped.dropped("refused");
  assert.deepEqual(
    lines.map(({ level, listener, unproven, idle, refused }) => [
      level,
      listener,
      unproven,
      idle,
      refused,
    ]),
    [
      ["warn", "CLEF_AGENT_PORT", 1, 0, 0],
      ["warn", "CLEF_AGENT_PORT", 99, 1, 1],
    ],
  );
});
