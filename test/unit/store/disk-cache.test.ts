import assert from "node:assert/strict";
import { chmod, copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { generateIdentity } from "age-encryption";
import { NOTHING_ACCEPTED, remember, rememberRevocation } from "../../../src/artifact/trust.ts";
import { NAME_MAX_LENGTH } from "../../../src/limits.ts";
import { recordCodec } from "../../../src/store/cache-record.ts";
import { AGE_IDENTITY, pack } from "../../support/artifacts.ts";
import { openDiskCache } from "../../support/disk-caches.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { verified } from "../../support/verified.ts";

const artifact = verified(await pack({ secrets: { KEY: "sk_alpha" } }));
const next = verified(await pack({ secrets: { KEY: "next" } }));
const memory = remember(NOTHING_ACCEPTED, artifact);

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const names = async (directory: string, ending: string): Promise<readonly string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith(ending));
async function only(directory: string, ending: string): Promise<string> {
  const found = await names(directory, ending);
  assert.equal(found.length, 1, `one ${ending}`);
  return join(directory, found[0] ?? "");
}

describe("the disk cache", () => {
  test("gives back what was kept, to another process", async (t) => {
    const directory = await temporaryDirectory(t);
    const { cache } = openDiskCache(directory);
    assert.equal(cache.holdsArtifact, false);
    await cache.keep(artifact, 1_234, memory);
    assert.equal(cache.holdsArtifact, true);

    const { cache: later, warnings } = openDiskCache(directory);
    const loaded = await later.load();
    assert.equal(textOf(loaded?.bytes), textOf(artifact.bytes));
    assert.equal(loaded?.refreshedAtMs, 1_234);
    assert.deepEqual(loaded.memory, memory);
    assert.equal(later.holdsArtifact, true);
    assert.deepEqual(warnings, []);
  });

  test("is empty without a warning where nothing was kept, or no directory is", async (t) => {
    const directory = await temporaryDirectory(t);
    for (const path of [directory, join(directory, "none", "deeper")]) {
      const { cache, warnings } = openDiskCache(path);
      assert.equal(await cache.load(), undefined);
      await cache.purge(memory);
      assert.deepEqual(warnings, []);
    }
  });

  test("makes its directory, which nobody else may look into", async (t) => {
    const directory = join(await temporaryDirectory(t), "a", "b");
    await openDiskCache(directory).cache.keep(artifact, 1, memory);
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    for (const name of await readdir(directory)) {
      assert.equal((await stat(join(directory, name))).mode & 0o777, 0o600, name);
    }
  });

  test("closes a directory that was open to others", async (t) => {
    const directory = await temporaryDirectory(t);
    await chmod(directory, 0o755);
    await openDiskCache(directory).cache.keep(artifact, 1, memory);
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
  });

  test("holds ciphertext only", async (t) => {
    const directory = await temporaryDirectory(t);
    await openDiskCache(directory).cache.keep(artifact, 1, memory);
    for (const name of await readdir(directory)) {
      const text = await readFile(join(directory, name), "utf8");
      assert.ok(!text.includes("sk_alpha") && !text.includes(AGE_IDENTITY), name);
    }
  });

  test("keeps one artifact of a source, and many sources side by side", async (t) => {
    const directory = await temporaryDirectory(t);
    const one = openDiskCache(directory, { sourceKey: "one" }).cache;
    const other = openDiskCache(directory, { sourceKey: "other" }).cache;
    await one.keep(artifact, 1, memory);
    await other.keep(artifact, 2, memory);
    await one.keep(next, 3, memory);
    assert.equal((await names(directory, ".json")).length, 2);
    assert.equal((await one.load())?.refreshedAtMs, 3);
    assert.equal((await other.load())?.refreshedAtMs, 2);
    await one.purge(memory);
    assert.notEqual((await other.load())?.bytes, undefined);
  });

  test("keeps what was asked for last, however the calls overlap", async (t) => {
    const directory = await temporaryDirectory(t);
    const { cache } = openDiskCache(directory);
    await Promise.all([
      cache.keep(artifact, 1, memory),
      cache.purge(memory),
      cache.keep(next, 2, memory),
    ]);
    const loaded = await openDiskCache(directory).cache.load();
    assert.equal(textOf(loaded?.bytes), textOf(next.bytes));
  });

  test("forgets the artifact and keeps the memory when it is purged", async (t) => {
    const directory = await temporaryDirectory(t);
    const { cache } = openDiskCache(directory);
    await cache.keep(artifact, 1, memory);
    await cache.purge({ ...memory, revoked: ["r"] });
    assert.equal(cache.holdsArtifact, false);
    assert.deepEqual(await names(directory, ".json"), []);
    const loaded = await openDiskCache(directory).cache.load();
    assert.equal(loaded?.bytes, undefined);
    assert.deepEqual(loaded?.memory, { ...memory, revoked: ["r"] });
  });

  test("remembers what was revoked before anything else is done, and also where nothing else can be", async (t) => {
    const directory = await temporaryDirectory(t);
    const { cache, warnings } = openDiskCache(directory);
    await cache.keep(artifact, 1, memory);
    // A directory is not removed as a file is, by no user.
    const file = await only(directory, ".json");
    await rm(file);
    await mkdir(file);
    await cache.purge({ ...memory, revoked: ["r"] });
    assert.equal(warnings.length, 1);
    const loaded = await openDiskCache(directory).cache.load();
    assert.equal(loaded?.bytes, undefined);
    assert.deepEqual(loaded?.memory, { ...memory, revoked: ["r"] });
  });

  test("can be read whatever markers and artifacts made it remember", async (t) => {
    const directory = await temporaryDirectory(t);
    const longest = (index: number): string => `${index}`.padEnd(NAME_MAX_LENGTH, "\u9375");
    const marker = { kind: "revocation", identity: "i", environment: "e" } as const;
    const revokedAt = "2026-01-01";
    const fullest = Array.from({ length: 1_000 }, (_, index) => longest(index)).reduce(
      (before, revision) => rememberRevocation(before, { ...marker, revokedAt, revision }),
      memory,
    );
    await openDiskCache(directory).cache.keep(artifact, 1, fullest);
    assert.deepEqual((await openDiskCache(directory).cache.load())?.memory, fullest);
  });

  test("removes what a crash left of its own entry, and nothing else", async (t) => {
    const directory = await temporaryDirectory(t);
    await openDiskCache(directory).cache.keep(artifact, 1, memory);
    const record = await only(directory, ".record");
    const entry = record.slice(record.lastIndexOf("/") + 1, -".record".length);
    await writeFile(join(directory, `.${entry}.record.abc.tmp`), "half");
    await writeFile(join(directory, `.${entry}-00.json.abc.tmp`), "half");
    await writeFile(join(directory, `${entry}-${"0".repeat(64)}.json`), "old");
    await writeFile(join(directory, ".other.record.abc.tmp"), "not ours");
    await openDiskCache(directory).cache.keep(artifact, 2, memory);
    const left = await readdir(directory);
    assert.equal(left.length, 3);
    assert.ok(left.includes(".other.record.abc.tmp"));
  });
});

describe("a cache that cannot be trusted", () => {
  test("in its record is ignored with a warning", async (t) => {
    const directory = await temporaryDirectory(t);
    await openDiskCache(directory).cache.keep(artifact, 1, memory);
    const path = await only(directory, ".record");
    const good = await readFile(path, "utf8");
    const bad = [
      "",
      "x",
      good.slice(0, -1),
      good.slice(0, 80),
      `${good}x`,
      good.replace("1,", "9,"),
    ];
    for (const text of bad) {
      await writeFile(path, text);
      const { cache, warnings } = openDiskCache(directory);
      assert.equal(await cache.load(), undefined);
      assert.match(warnings.join(), /^cache_unusable: .*CLEF_AGENT_CACHE_PATH/);
      assert.equal(cache.holdsArtifact, false);
    }
  });

  test("because its stamp was forged is ignored", async (t) => {
    const directory = await temporaryDirectory(t);
    await openDiskCache(directory).cache.keep(artifact, 1, memory);
    const path = await only(directory, ".record");
    const record = await readFile(path, "utf8");
    const forged = recordCodec([], "file /artifact.json").encode({
      artifact: /"artifact":"([0-9a-f]+)"/.exec(record)?.[1] ?? "",
      refreshedAtMs: Date.now(),
      memory: NOTHING_ACCEPTED,
    });
    await writeFile(path, forged);
    const { cache, warnings } = openDiskCache(directory);
    assert.equal(await cache.load(), undefined);
    assert.equal(warnings.length, 1);
  });

  test("because it is the entry of another source is ignored", async (t) => {
    const directory = await temporaryDirectory(t);
    await openDiskCache(directory, { sourceKey: "other" }).cache.keep(artifact, 1, memory);
    const theirs = await only(directory, ".record");
    await openDiskCache(directory).cache.keep(artifact, 2, memory);
    const records = await names(directory, ".record");
    const ours = records.find((name) => !theirs.endsWith(name)) ?? "";
    await copyFile(theirs, join(directory, ours));
    const { cache, warnings } = openDiskCache(directory);
    assert.equal(await cache.load(), undefined);
    assert.equal(warnings.length, 1);
  });

  test("because another identity wrote it is ignored, until both are configured", async (t) => {
    const directory = await temporaryDirectory(t);
    await openDiskCache(directory).cache.keep(artifact, 1, memory);
    const other = await generateIdentity();
    assert.equal(await openDiskCache(directory, { identities: [other] }).cache.load(), undefined);
    const both = openDiskCache(directory, { identities: [other, AGE_IDENTITY] });
    assert.equal((await both.cache.load())?.refreshedAtMs, 1);
  });

  const DAMAGE: Readonly<Record<string, (path: string) => Promise<void>>> = {
    "was changed": (path) => writeFile(path, Buffer.from(artifact.bytes).fill(0x20, 10, 12)),
    "was cut short": (path) => writeFile(path, artifact.bytes.slice(0, 100)),
    "is missing": (path) => rm(path),
    "is a directory": async (path) => {
      await rm(path);
      await mkdir(path);
    },
  };
  for (const [what, damage] of Object.entries(DAMAGE)) {
    test(`because its artifact ${what} gives no bytes, with a warning`, async (t) => {
      const directory = await temporaryDirectory(t);
      await openDiskCache(directory).cache.keep(artifact, 1, memory);
      await damage(await only(directory, ".json"));
      const { cache, warnings } = openDiskCache(directory);
      assert.equal((await cache.load())?.bytes, undefined);
      assert.equal(warnings.length, 1);
      assert.equal(cache.holdsArtifact, false);
    });

    test(`because its artifact ${what} keeps its memory of what was accepted`, async (t) => {
      const directory = await temporaryDirectory(t);
      await openDiskCache(directory).cache.keep(artifact, 1, memory);
      await damage(await only(directory, ".json"));
      assert.deepEqual((await openDiskCache(directory).cache.load())?.memory, memory);
    });
  }

  for (const what of ["was changed", "was cut short"]) {
    test(`because its artifact ${what} is good again after the next refresh`, async (t) => {
      const directory = await temporaryDirectory(t);
      await openDiskCache(directory).cache.keep(artifact, 1, memory);
      await DAMAGE[what]?.(await only(directory, ".json"));
      const { cache } = openDiskCache(directory);
      await cache.load();
      await cache.keep(artifact, 2, memory);
      const loaded = await openDiskCache(directory).cache.load();
      assert.equal(textOf(loaded?.bytes), textOf(artifact.bytes));
    });
  }
});

describe("a cache that cannot be written", () => {
  test("because a file is in its place is a warning", async (t) => {
    const path = join(await temporaryDirectory(t), "file");
    await writeFile(path, "x");
    const { cache, warnings } = openDiskCache(path);
    await cache.keep(artifact, 1, memory);
    assert.equal(cache.holdsArtifact, false);
    assert.match(warnings.join(), /cannot be written .*CLEF_AGENT_CACHE_PATH/);
  });

  test("because everybody uses its directory leaves that as it is, and says what to do", async (t) => {
    const directory = await temporaryDirectory(t);
    await writeFile(join(directory, "of others"), "");
    await chmod(directory, 0o1777);
    const { cache, warnings } = openDiskCache(directory);
    await cache.keep(artifact, 1, memory);
    assert.match(warnings.join(), /open to others .* name one inside it, .*CLEF_AGENT_CACHE_PATH/);
    assert.equal((await stat(directory)).mode & 0o7777, 0o1777);
    assert.deepEqual(await readdir(directory), ["of others"]);
    await openDiskCache(join(directory, "agent")).cache.keep(artifact, 1, memory);
    assert.equal((await stat(join(directory, "agent"))).mode & 0o7777, 0o700);
  });

  test("because others use its directory too is not read either", async (t) => {
    const directory = await temporaryDirectory(t);
    await openDiskCache(directory).cache.keep(artifact, 1, memory);
    await writeFile(join(directory, "of others"), "");
    await chmod(directory, 0o1777);
    const { cache, warnings } = openDiskCache(directory);
    assert.equal(await cache.load(), undefined);
    assert.equal(cache.holdsArtifact, false);
    assert.match(warnings.join(), /open to others .* nothing read from it/);
  });

  test("because it is read-only is a warning, and what it holds can be read", async (t) => {
    const parent = await temporaryDirectory(t);
    const directory = join(parent, "cache");
    await openDiskCache(directory).cache.keep(artifact, 1, memory);
    await chmod(directory, 0o500);
    if (await canWrite(directory)) {
      t.skip("this user may write into read-only directories (root)");
      return;
    }
    const { cache, warnings } = openDiskCache(directory);
    assert.equal((await cache.load())?.refreshedAtMs, 1);
    await cache.purge(memory);
    assert.equal(warnings.length, 1);
    await chmod(directory, 0o700);
  });
});

async function canWrite(directory: string): Promise<boolean> {
  try {
    await writeFile(join(directory, "probe"), "");
    await rm(join(directory, "probe"));
    return true;
  } catch {
    return false;
  }
}
