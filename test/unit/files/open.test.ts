import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { SetRecords } from "../../../src/files/record.ts";
import { AgentError } from "../../../src/errors.ts";
import { FILES_GRACE_MS, FILES_RETRY_MS, TICK_MS } from "../../../src/limits.ts";
import { revocation } from "../../support/artifacts.ts";
import { TTL_MS } from "../../support/custody.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { memoryDirectory, namesIn, visible } from "../../support/files.ts";
import { keptFiles } from "../../support/kept-files.ts";

const AWAY = new AgentError("source_unreachable", "away");

/** The reasons of the removals so far. */
const removals = (lines: readonly Readonly<Record<string, unknown>>[]): readonly unknown[] =>
  lines.filter(({ event }) => event === "files.removed").map(({ reason }) => reason);

describe("the files of an agent", () => {
  test("are there when a change has been told, and tell of themselves", async (context) => {
    const directory = memoryDirectory(context);
    const kept = await keptFiles(context, directory);
    assert.deepEqual(kept.files.status(), { health: { state: "none" }, isReady: false });
    await kept.serves({ A: "1" });
    assert.deepEqual(visible(directory), { A: "1" });
    assert.deepEqual(kept.files.status(), { health: { state: "written" }, isReady: true });
    assert.deepEqual(kept.recorded.events(), ["artifact.refreshed", "files.written"]);
    await kept.files.delivered();
  });

  test("of the revision before stay for a moment for who is reading them", async (context) => {
    const directory = memoryDirectory(context);
    const kept = await keptFiles(context, directory);
    await kept.serves({ A: "1" });
    const before = join(directory, readlinkSync(join(directory, "..data")));
    await kept.serves({ A: "2" });
    assert.equal(readFileSync(join(before, "A"), "utf8"), "1");
    await kept.clock.advance(FILES_GRACE_MS);
    assert.ok(!existsSync(before));
  });

  test("go with their time: the TTL, and the expiry of the artifact", async (context) => {
    for (const [ttlMs, reason, passMs] of [
      [undefined, "cache_expired", TTL_MS],
      [20_000, "artifact_expired", 20_000],
    ] as const) {
      const directory = memoryDirectory(context);
      const kept = await keptFiles(context, directory);
      await kept.serves({ A: "1" }, ttlMs === undefined ? {} : { ttlMs });
      await kept.clock.advance(passMs - TICK_MS);
      assert.deepEqual(visible(directory), { A: "1" });
      await kept.clock.advance(2 * TICK_MS);
      // The loop looks as often; here there is none.
      kept.custody.status();
      assert.deepEqual(visible(directory), {});
      assert.deepEqual(removals(kept.recorded.lines), [reason]);
      assert.deepEqual(kept.files.status(), { health: { state: "none" }, isReady: true });
    }
  });

  test("come back when what is served does", async (context) => {
    const directory = memoryDirectory(context);
    const kept = await keptFiles(context, directory);
    await kept.serves({ A: "1" });
    await kept.holds(revocation(kept.clock.now().wallMs));
    assert.deepEqual(visible(directory), {});
    assert.deepEqual(removals(kept.recorded.lines), ["revoked"]);
    await kept.serves({ A: "2" });
    assert.deepEqual(visible(directory), { A: "2" });
  });

  test("stay the old ones while new ones cannot be written, and are tried again", async (context) => {
    const directory = memoryDirectory(context);
    const kept = await keptFiles(context, directory);
    await kept.serves({ A: "1" });
    mkdirSync(join(directory, "B"));
    await kept.serves({ A: "2", B: "2" });
    assert.equal(readFileSync(join(directory, "A"), "utf8"), "1");
    const failed = { state: "failed", code: "files_foreign" };
    assert.deepEqual(kept.files.status(), { health: failed, isReady: true });
    let isDelivered = false;
    void kept.files.delivered().then(() => (isDelivered = true));
    await kept.clock.advance(3 * FILES_RETRY_MS);
    assert.equal(isDelivered, false);
    assert.equal(kept.recorded.events().filter((name) => name === "files.failed").length, 1);
    rmSync(join(directory, "B"), { recursive: true });
    await kept.clock.advance(FILES_RETRY_MS + TICK_MS);
    assert.deepEqual(visible(directory), { A: "2", B: "2" });
    assert.equal(isDelivered, true);
    assert.deepEqual(kept.files.status(), { health: { state: "written" }, isReady: true });
  });

  test("go on their own time while new ones cannot be written", async (context) => {
    const directory = memoryDirectory(context);
    const kept = await keptFiles(context, directory);
    await kept.serves({ A: "1" }, { ttlMs: 30_000 });
    await kept.clock.advance(10_000);
    await kept.serves({ "a/b": "2" });
    assert.deepEqual(visible(directory), { A: "1" });
    await kept.clock.advance(20_000 - 2 * TICK_MS);
    assert.deepEqual(visible(directory), { A: "1" });
    await kept.clock.advance(3 * TICK_MS);
    assert.deepEqual(visible(directory), {});
    assert.deepEqual(removals(kept.recorded.lines), ["artifact_expired"]);
  });

  test("are not written where what was written cannot be removed, unless there is something new", async (context) => {
    const directory = memoryDirectory(context);
    const kept = await keptFiles(context, directory);
    await kept.serves({ A: "1" });
    const revision = join(directory, readlinkSync(join(directory, "..data")));
    chmodSync(revision, 0o700);
    mkdirSync(join(revision, "deep/er"), { recursive: true });
    await kept.holds(revocation(kept.clock.now().wallMs));
    assert.deepEqual(visible(directory), {});
    assert.deepEqual(readdirSync(revision), ["deep"]);
    assert.deepEqual(kept.files.status().health, { state: "failed", code: "files_foreign" });
    await kept.serves({ A: "2" });
    assert.deepEqual(visible(directory), { A: "2" });
    assert.deepEqual(kept.files.status().health, { state: "written" });
  });

  test("leave nothing at a stop, and everything where they are to stay", async (context) => {
    const directory = memoryDirectory(context);
    const kept = await keptFiles(context, directory);
    await kept.serves({ A: "1" });
    await kept.files.stop();
    assert.deepEqual(namesIn(directory), []);
    assert.deepEqual(removals(kept.recorded.lines), ["stopped"]);
    const leaving = await keptFiles(context, directory, { atEnd: "leave" });
    await leaving.serves({ A: "1" });
    await leaving.serves({ A: "2" });
    await leaving.files.stop();
    const revision = readlinkSync(join(directory, "..data"));
    assert.deepEqual(
      namesIn(directory),
      ["..data", revision, `${revision}.record`, "A"].toSorted(),
    );
    assert.deepEqual(visible(directory), { A: "2" });
  });

  test("cannot be had in a directory where the agent may not write", async (context) => {
    if (process.getuid?.() === 0) {
      context.skip("root may write everywhere; test/process has it as another user");
      return;
    }
    const directory = memoryDirectory(context);
    chmodSync(directory, 0o500);
    await assert.rejects(keptFiles(context, directory), { code: "files_failed" });
  });
});

describe("what an earlier agent left", () => {
  /** A set that was left `agoMs` ago, by an agent that did not get to remove it. */
  async function left(
    context: Parameters<typeof keptFiles>[0],
    { agoMs = 0, ttlMs }: { readonly agoMs?: number; readonly ttlMs?: number } = {},
  ) {
    const directory = memoryDirectory(context);
    const clock = new FakeClock();
    const kept = await keptFiles(context, directory, { clock, atEnd: "leave" });
    await kept.serves({ A: "1", app: { B: "2" } }, ttlMs === undefined ? {} : { ttlMs });
    await kept.files.stop();
    clock.suspend(agoMs);
    return { directory, clock };
  }

  test("stays while it might still be served, and no longer", async (context) => {
    for (const [agoMs, ttlMs, restMs] of [
      [0, undefined, TTL_MS],
      [200_000, undefined, 100_000],
      [10_000, 25_000, 15_000],
    ] as const) {
      const { directory, clock } = await left(context, {
        agoMs,
        ...(ttlMs === undefined ? {} : { ttlMs }),
      });
      const kept = await keptFiles(context, directory, { clock });
      kept.source.fails(AWAY);
      assert.deepEqual(kept.files.status(), { health: { state: "written" }, isReady: false });
      await clock.advance(restMs - TICK_MS);
      assert.deepEqual(visible(directory), { A: "1", "app/B": "2" });
      await clock.advance(2 * TICK_MS);
      assert.deepEqual(visible(directory), {});
      const reason = ttlMs === undefined ? "cache_expired" : "artifact_expired";
      assert.deepEqual(removals(kept.recorded.lines), [reason]);
    }
  });

  test("is gone before anything is fetched when its time was over", async (context) => {
    for (const { agoMs, ttlMs } of [{ agoMs: TTL_MS }, { agoMs: 9_000, ttlMs: 9_000 }]) {
      const { directory, clock } = await left(context, {
        agoMs,
        ...(ttlMs === undefined ? {} : { ttlMs }),
      });
      const kept = await keptFiles(context, directory, { clock });
      assert.deepEqual(visible(directory), {});
      assert.equal(kept.source.requests.length, 0);
    }
  });

  test("is gone at once where the record does not say how old it is", async (context) => {
    const spoil: readonly ((record: string) => void)[] = [
      (record) => unlinkSync(record),
      (record) => writeFileSync(record, "nonsense"),
      (record) => chmodSync(record, 0o666),
      (record) => {
        const text = readFileSync(record, "utf8");
        writeFileSync(record, text.replace(/"expiresAtMs":\d+/, '"expiresAtMs":null'));
      },
    ];
    for (const forge of spoil) {
      const { directory, clock } = await left(context, { ttlMs: 20_000 });
      forge(join(directory, `${readlinkSync(join(directory, "..data"))}.record`));
      const kept = await keptFiles(context, directory, { clock });
      assert.deepEqual(visible(directory), {});
      assert.deepEqual(removals(kept.recorded.lines), ["unknown_age"]);
    }
  });

  test("is gone at once where the clock was set back, or another source's agent left it", async (context) => {
    const back = await left(context, { agoMs: -60_000 });
    await keptFiles(context, back.directory, { clock: back.clock });
    assert.deepEqual(visible(back.directory), {});
    const other = await left(context);
    const records = new SetRecords(["AGE-SECRET-KEY-1"], "another");
    await keptFiles(context, other.directory, { clock: other.clock, records });
    assert.deepEqual(visible(other.directory), {});
  });

  test("without age identities, a forged record buys no more than one TTL from the start", async (context) => {
    const records = new SetRecords([], "scripted");
    const directory = memoryDirectory(context);
    const clock = new FakeClock();
    const first = await keptFiles(context, directory, { clock, records, atEnd: "leave" });
    await first.serves({ A: "1" }, { ttlMs: 20_000 });
    await first.files.stop();
    clock.suspend(60_000);
    const revision = readlinkSync(join(directory, "..data"));
    const record = join(directory, `${revision}.record`);
    const { wallMs } = clock.now();
    writeFileSync(
      record,
      records.encode(revision, { refreshedAtMs: wallMs, expiresAtMs: wallMs + 10 * TTL_MS }),
    );
    const second = await keptFiles(context, directory, { clock, records });
    second.source.fails(AWAY);
    await clock.advance(TTL_MS + TICK_MS);
    assert.deepEqual(visible(directory), {});
  });

  test("gets the links that a killed agent had not got to, and loses what it had only begun", async (context) => {
    const { directory, clock } = await left(context);
    unlinkSync(join(directory, "app"));
    symlinkSync("..data/GONE", join(directory, "GONE"));
    mkdirSync(join(directory, "..clef-00000000000000aa"));
    writeFileSync(join(directory, "..clef-00000000000000aa", "A"), "half");
    writeFileSync(join(directory, "..clef-00000000000000aa.record"), "");
    writeFileSync(join(directory, "..clef-00000000000000aa.new"), "");
    symlinkSync("..clef-00000000000000aa", join(directory, "..clef-00000000000000aa.link"));
    await keptFiles(context, directory, { clock });
    assert.deepEqual(visible(directory), { A: "1", "app/B": "2" });
    assert.equal(namesIn(directory).filter((name) => name.startsWith("..clef-")).length, 3);
  });

  test("loses the links of a set that was being removed", async (context) => {
    const { directory, clock } = await left(context);
    unlinkSync(join(directory, "..data"));
    const kept = await keptFiles(context, directory, { clock });
    assert.deepEqual(namesIn(directory).length, 1);
    assert.deepEqual(kept.recorded.events(), []);
  });

  test("is nothing where ..data leads to no directory of the agent's", async (context) => {
    const { directory, clock } = await left(context);
    renameSync(
      join(directory, readlinkSync(join(directory, "..data"))),
      join(directory, "..clef-00000000000000bb"),
    );
    const kept = await keptFiles(context, directory, { clock });
    assert.deepEqual(namesIn(directory).length, 1);
    await kept.serves({ A: "2" });
    assert.deepEqual(visible(directory), { A: "2" });
  });
});
