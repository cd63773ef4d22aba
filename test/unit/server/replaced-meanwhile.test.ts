import assert from "node:assert/strict";
import { test } from "node:test";
import type { Feed } from "../../../src/feed/feed.ts";
import type { Decrypt } from "../../../src/decrypt/decrypt.ts";
import { allowedHosts } from "../../../src/server/guards.ts";
import { createHandler } from "../../../src/server/handler.ts";
import { refusalsTo } from "../../../src/server/refusals.ts";
import { TokenGuard } from "../../../src/server/token.ts";
import { justInTimeStore } from "../../../src/store/just-in-time.ts";
import { Snapshot } from "../../../src/store/snapshot.ts";
import { httpRequest } from "../../support/agent-process.ts";
import { pack } from "../../support/artifacts.ts";
import { decrypt } from "../../support/decrypting.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { idle, feedOf, TOKEN } from "../../support/handler-client.ts";
import { PlaintextWatch } from "../../support/plaintext-watch.ts";
import { ownListener } from "../../support/own-listener.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { verified } from "../../support/verified.ts";

const OLD = "correct horse battery staple";
const NEW = "another horse";
const older = verified(await pack({ secrets: { KEY: OLD } }));
const newer = verified(await pack({ secrets: { KEY: NEW } }));
/** More than there are between the end of a decryption and its answer. */
const STEPS = 25;

const afterMicrotasks = (steps: number, action: () => void): void =>
  queueMicrotask(() => (steps === 0 ? action() : afterMicrotasks(steps - 1, action)));

for (const [target, answer] of Object.entries({
  "/v1/secrets": (value: string) => ({ KEY: value }),
  "/v1/secrets?format=flat": (value: string) => ({ KEY: value }),
  "/v1/secrets/KEY": (value: string) => ({ value }),
  "/v1/keys": () => ["KEY"],
})) {
  test(`${target} is whole whenever another artifact takes the place of what was decrypted`, async (t) => {
    const watch = PlaintextWatch.start(t);
    let decrypted = (): void => undefined;
    const observed: Decrypt = async (artifact) => {
      const plaintext = await decrypt(artifact);
      decrypted();
      return plaintext;
    };
    const store = justInTimeStore(observed, new FakeClock());
    const open: Feed["open"] = async (isCancelled) => {
      const opened = await store.open(isCancelled);
      return opened instanceof Snapshot ? opened : "busy";
    };
    const feed = { ...feedOf("busy"), open };
    const listener = await ownListener(t, {
      handler: (at) =>
        createHandler({
          ...idle(),
          feed,
          access: { kind: "token", token: new TokenGuard(TOKEN), hosts: allowedHosts(at) },
          refusals: refusalsTo(recordingLog().log),
        }),
    });
    const answers = [answer(OLD), answer(NEW)].map((value) => JSON.stringify(value));
    const seen = new Set<string>();
    for (let steps = 0; steps < STEPS; steps++) {
      (await store.stage(older)).commit();
      const staged = await store.stage(newer);
      decrypted = (): void => {
        decrypted = () => undefined;
        afterMicrotasks(steps, () => staged.commit());
      };
      const { status, body } = await httpRequest(listener.port, target, {
        authorization: `Bearer ${TOKEN}`,
      });
      assert.deepEqual(
        [status, answers.includes(body)],
        [200, true],
        `${body} after ${steps} steps`,
      );
      seen.add(body);
      assert.equal(watch.holding(OLD), 0, `after ${steps} steps`);
    }
    assert.deepEqual(seen, new Set(answers), "some before, some after");
  });
}
