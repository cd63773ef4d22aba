import assert from "node:assert/strict";
import {
  chmod,
  chown,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { altered, pack, VERIFY_KEY } from "../support/artifacts.ts";
import { clef } from "../support/cli.ts";
import { temporaryDirectory } from "../support/temporary.ts";

test("inspect shows what artifacts say of themselves, for people", async (t) => {
  const file = join(await temporaryDirectory(t), "artifact.json");
  await writeFile(file, await pack({ signed: true, ttlMs: 60_000 }));
  const { code, stdout } = await clef(["inspect", file]);
  assert.equal(code, 0);
  for (const fact of [
    /identity\s+api-gateway/,
    /environment\s+production/,
    /revision\s+\d+-[0-9a-f]{8}/,
    /expires at\s+\d{4}-/,
    /encryption\s+age, 1 recipient \(X25519\)/,
    /hash\s+matches/,
    /signature\s+Ed25519/,
  ]) {
    assert.match(stdout, fact);
  }
});

test("inspect --json gives one object an artifact, and says which file is none", async (t) => {
  const directory = await temporaryDirectory(t);
  const good = join(directory, "good.json");
  const bad = join(directory, "bad.json");
  await writeFile(good, await pack());
  await writeFile(bad, "<html>");
  const { code, stdout } = await clef(["inspect", good, bad, "--json"]);
  assert.equal(code, 1);
  const [first, second] = JSON.parse(stdout) as Record<string, unknown>[];
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(first["identity"], "api-gateway");
  assert.equal(first["hashMatches"], true);
  assert.equal((second["error"] as { code: string }).code, "json_parse");
});

test("verify says no to what an agent would refuse, and why", async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, "artifact.json");
  const artifact = await pack({ signed: true });
  const args = ["verify", file, "--verify-key", VERIFY_KEY];
  for (const [text, more, expected] of [
    [artifact, [], undefined],
    [artifact, ["--identity", "api-gateway", "--environment", "production"], undefined],
    [artifact, ["--identity", "other"], "identity_mismatch"],
    [altered(artifact, { revision: "1-00000000" }), [], "signature_invalid"],
    [altered(artifact, { signature: undefined }), [], "signature_missing"],
    [altered(artifact, { ciphertext: "AAAA" }), [], "integrity"],
    [await pack({ signed: true, ttlMs: 1, nowMs: Date.now() - 1000 }), [], "expired"],
    [altered(artifact, { revokedAt: new Date().toISOString() }), [], "revoked"],
  ] as const) {
    await writeFile(file, text);
    const { code, stdout } = await clef([...args, ...more]);
    assert.equal(code, expected === undefined ? 0 : 1, stdout);
    assert.match(
      stdout,
      expected === undefined ? /VALID \(signature checked\)/ : new RegExp(`\\[${expected}\\]`),
    );
  }
});

test("revoke puts a marker for the same identity in the artifact's place", async (t) => {
  const file = join(await temporaryDirectory(t), "artifact.json");
  await writeFile(file, await pack());
  assert.equal((await clef(["revoke", file])).code, 0);
  const marker = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
  assert.equal(marker["identity"], "api-gateway");
  assert.equal(marker["environment"], "production");
  assert.ok(Number.isFinite(Date.parse(String(marker["revokedAt"]))));
  assert.equal(marker["ciphertext"], undefined);
});

test("revoke leaves a marker as it is, so that the first moment stays known", async (t) => {
  const file = join(await temporaryDirectory(t), "artifact.json");
  await writeFile(file, await pack());
  await clef(["revoke", file]);
  const first = await readFile(file, "utf8");
  assert.equal((await clef(["revoke", file])).code, 0);
  assert.equal(await readFile(file, "utf8"), first);
});

test("revoke takes a damaged artifact only with the name of whom it was for", async (t) => {
  const file = join(await temporaryDirectory(t), "artifact.json");
  const damaged = (await pack()).slice(0, -100);
  await writeFile(file, damaged);
  assert.equal((await clef(["revoke", file])).code, 1);
  assert.equal(await readFile(file, "utf8"), damaged);
  const named = await clef(["revoke", file, "--identity", "api", "--environment", "production"]);
  assert.equal(named.code, 0, named.stderr);
  assert.match(await readFile(file, "utf8"), /"identity": "api"/);
});

const NAMED = ["--identity", "api", "--environment", "production"];

for (const [what, text] of [
  ["an age key", "AGE-SECRET-KEY-1QQQ\n"],
  ["secrets", '{"identity":"x","environment":"y","version":"1","ciphertext":"z"}'],
  ["secrets of which one is called revokedAt", '{"revokedAt":"hunter2","DB_URL":"x"}'],
  ["any other text", "{"],
] as const) {
  test(`revoke does not touch a file that holds ${what}, without --force`, async (t) => {
    const file = join(await temporaryDirectory(t), "file");
    await writeFile(file, text);
    for (const named of [[], NAMED]) {
      const { code, stderr } = await clef(["revoke", file, ...named]);
      assert.equal(code, 1);
      assert.match(stderr, /is no packed artifact/);
      assert.doesNotMatch(stderr, /hunter2|QQQ/);
      assert.equal(await readFile(file, "utf8"), text);
    }
    assert.equal((await clef(["revoke", file, ...NAMED, "--force"])).code, 0);
    assert.match(await readFile(file, "utf8"), /"revokedAt"/);
  });
}

test("revoke reaches the artifact behind links, whose owner and mode stay", async (t) => {
  const directory = await temporaryDirectory(t);
  const [file, first, second] = ["artifact.json", "first", "second"].map((n) => join(directory, n));
  assert.ok(file !== undefined && first !== undefined && second !== undefined);
  await writeFile(file, await pack());
  await chmod(file, 0o640);
  // Only root can give a file away.
  if (process.getuid?.() === 0) await chown(file, 4_711, 4_712);
  const before = await stat(file);
  await symlink("artifact.json", first);
  await symlink(first, second);
  const { code, stderr } = await clef(["revoke", second]);
  assert.equal(code, 0, stderr);
  assert.equal(await readlink(second), first);
  assert.match(await readFile(file, "utf8"), /"revokedAt"/);
  const after = await stat(file);
  assert.deepEqual([after.uid, after.gid, after.mode], [before.uid, before.gid, before.mode]);
  assert.deepEqual((await readdir(directory)).toSorted(), ["artifact.json", "first", "second"]);
});

test("revoke says what it cannot reach", async (t) => {
  const directory = await temporaryDirectory(t);
  const link = join(directory, "link");
  await symlink("nowhere", link);
  for (const [path, problem] of [
    [link, /is a link to nothing/],
    [directory, /is a directory/],
  ] as const) {
    const { code, stderr } = await clef(["revoke", path, ...NAMED]);
    assert.equal(code, 1);
    assert.match(stderr, problem);
  }
});

test("help and version go to standard output, an unknown command is wrong usage", async () => {
  const help = await clef(["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^clef-agent - /);
  assert.match((await clef(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
  const unknown = await clef(["serve"]);
  assert.equal(unknown.code, 2);
  assert.equal(unknown.stderr.split("\n").length, 2);
});
