import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Decrypter } from "age-encryption";
import { ageEncrypt, newAgeKey } from "../../../conformance/tools/age.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const SIZES = [0, 1, 100, 65_535, 65_536, 65_537, 200_000];

test("the suite's age files are opened by another implementation, for each of their recipients", async () => {
  const keys = [newAgeKey(), newAgeKey()];
  for (const size of SIZES) {
    const plaintext = Buffer.alloc(size, "text ");
    const file = ageEncrypt(plaintext, keys);
    for (const { identity } of keys) {
      const decrypter = new Decrypter();
      decrypter.addIdentity(identity);
      assert.deepEqual(Buffer.from(await decrypter.decrypt(file)), plaintext);
    }
  }
});

test("the suite's age files are opened by age itself", async (t) => {
  if (spawnSync("age", ["--version"]).error !== undefined) {
    t.skip("age is not installed");
    return;
  }
  const folder = await temporaryDirectory(t);
  const key = newAgeKey();
  await writeFile(join(folder, "key"), key.identity);
  const file = ageEncrypt(Buffer.from("text"), [newAgeKey(), key]);
  const opened = spawnSync("age", ["-d", "-i", join(folder, "key")], { input: file });
  assert.equal(opened.stdout.toString(), "text", opened.stderr.toString());
});
