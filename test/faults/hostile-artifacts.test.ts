import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { TICK_MS } from "../../src/limits.ts";
import { Refresher } from "../../src/refresh/refresher.ts";
import { systemClock } from "../../src/system/clock.ts";
import { pack } from "../support/artifacts.ts";
import { custodyAt } from "../support/custody.ts";
import { HOSTILE } from "../support/hostile-artifacts.ts";
import { heldBy, isZero } from "../support/snapshots.ts";

const WORST = [
  "120,000 X25519 stanzas",
  "a million short keys",
  "as many stanzas as are allowed",
  "a ciphertext of random bytes",
] as const;

test("what expired is gone within a second while the source brings hostile artifacts without a pause", async (t) => {
  const hostile = await Promise.all(WORST.map(async (what) => HOSTILE[what]?.()));
  const { source, store, custody, served } = custodyAt(systemClock);
  const refresher = new Refresher({
    source,
    custody,
    clock: systemClock,
    random: () => 0.5,
    ttlMs: 300_000,
    startUpMs: 0,
    onBroken: (error) => assert.fail(String(error)),
  });
  t.after(() => refresher.stop());
  source.holds(await pack({ ttlMs: 4_000, secrets: { KEY: "short-lived" } }));
  const expiresAt = Date.now() + 4_000;
  await refresher.start();
  await refresher.refresh();
  assert.equal(served(), '{"KEY":"short-lived"}');
  const bytes = heldBy(store)?.nested;
  assert.ok(bytes !== undefined);

  let turn = 0;
  source.answers(() => {
    const next = hostile[turn++ % hostile.length];
    assert.ok(next !== undefined);
    return { kind: "bytes", bytes: next, etag: undefined };
  });
  let goneAt: number | undefined;
  while (goneAt === undefined && Date.now() < expiresAt + 10_000) {
    void refresher.refresh();
    if (isZero(bytes)) goneAt = Date.now();
    await pause(5);
  }
  assert.ok(turn > 1, `${turn} hostile artifacts came`);
  assert.ok(goneAt !== undefined, "it was never wiped");
  assert.ok(
    goneAt - expiresAt < 1_000,
    `${goneAt - expiresAt} ms late, looked for every ${TICK_MS} ms`,
  );
});
