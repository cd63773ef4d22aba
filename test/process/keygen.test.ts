import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { clef } from "../support/cli.ts";
import { temporaryDirectory } from "../support/temporary.ts";

for (const [args, publicPart, privatePart] of [
  [["age"], /^age1[a-z0-9]{58}\n$/, /^AGE-SECRET-KEY-1[A-Z0-9]{58}$/m],
  [["age", "--post-quantum"], /^age1pq1[a-z0-9]+\n$/, /^AGE-SECRET-KEY-PQ-1[A-Z0-9]{58}$/m],
  [["signing"], /^[A-Za-z0-9+/]{59}=\n$/, /^-----BEGIN PRIVATE KEY-----$/m],
] as const) {
  test(`keygen ${args.join(" ")} puts the private part into a 0600 file and prints the public part`, async (t) => {
    const out = join(await temporaryDirectory(t), "key");
    const { code, stdout, stderr } = await clef(["keygen", ...args, "--out", out]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, publicPart);
    assert.match(await readFile(out, "utf8"), privatePart);
    assert.equal((await stat(out)).mode & 0o777, 0o600);
  });
}

test("keygen never overwrites a key", async (t) => {
  const out = join(await temporaryDirectory(t), "key");
  await clef(["keygen", "age", "--out", out]);
  const before = await readFile(out, "utf8");
  const { code, stderr } = await clef(["keygen", "age", "--out", out]);
  assert.equal(code, 1);
  assert.match(stderr, /exists already .* \[output_failed\]\n$/);
  assert.equal(await readFile(out, "utf8"), before);
});

for (const args of [["keygen"], ["keygen", "rsa", "--out", "x"], ["keygen", "age"]]) {
  test(`${args.join(" ")} is wrong usage`, async () => {
    const { code, stderr } = await clef(args);
    assert.equal(code, 2);
    assert.match(stderr, /^clef-agent: .* \[usage\]\n$/);
  });
}
