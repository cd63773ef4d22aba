import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { test } from "node:test";
import { AGE_IDENTITY, AGE_RECIPIENT, SIGNING_KEY_PEM, VERIFY_KEY } from "../support/artifacts.ts";
import { clef } from "../support/cli.ts";

const der = createPrivateKey(SIGNING_KEY_PEM).export({ type: "pkcs8", format: "der" });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const KEYS = {
  "an age identity": AGE_IDENTITY,
  "an age identity in lower case": AGE_IDENTITY.toLowerCase(),
  "a PEM key": SIGNING_KEY_PEM,
  "a PEM key in one line": SIGNING_KEY_PEM.replaceAll("\n", "\\n"),
  "base64 of an Ed25519 key": der.toString("base64"),
  "base64 of a P-256 key": ec.export({ type: "pkcs8", format: "der" }).toString("base64"),
  "base64 of a SEC 1 key": ec.export({ type: "sec1", format: "der" }).toString("base64"),
};
const PLACES: readonly ((key: string) => readonly string[])[] = [
  (key) => ["pack", "--identity", "i", "--environment", "e", "--signing-key", key],
  (key) => ["pack", `--recipient=${key}`, "--identity", "i", "--environment", "e"],
  (key) => ["pack", key],
  (key) => ["inspect", key],
  (key) => ["verify", "--verify-key", key, "x"],
  (key) => ["keygen", "age", "--out", key],
  (key) => [key],
  (key) => ["healthcheck", `--${key}`],
];

for (const [what, key] of Object.entries(KEYS)) {
  test(`${what} in the wrong place is never printed, and the message says where it belongs`, async () => {
    const pieces = key
      .split(/\\n|\n/)
      .filter((line) => line.length > 8 && !line.includes("KEY---"));
    for (const place of PLACES) {
      const { code, stdout, stderr } = await clef(place(key), { stdin: "K=v" });
      assert.equal(code, 2, stderr);
      assert.match(stderr, /belongs in CLEF_(?:SIGNING|AGENT_AGE)_KEY/);
      for (const piece of pieces) assert.ok(!(stdout + stderr).includes(piece));
    }
  });
}

test("32 random bytes in the wrong place are not repeated either, as base64 or hex", async () => {
  const who = ["--identity", "i", "--environment", "e", "--recipient", AGE_RECIPIENT];
  for (const key of [randomBytes(32).toString("hex"), `a1B${randomBytes(32).toString("base64")}`]) {
    for (const args of [
      ["pack", ...who, "--signing-key", key],
      ["pack", ...who, key],
      ["inspect", key],
      ["verify", key],
      ["revoke", key],
      [key],
    ]) {
      const { code, stdout, stderr } = await clef(args);
      assert.ok(code === 1 || code === 2, stderr);
      assert.match(stdout + stderr, /a text of \d+ characters that may be a key/);
      assert.ok(!(stdout + stderr).includes(key));
    }
  }
});

test("a private key as the source is refused before anything is made of it", async () => {
  const { code, stdout, stderr } = await clef(["run"], {
    env: { CLEF_AGENT_SOURCE: AGE_IDENTITY },
  });
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /CLEF_AGENT_SOURCE holds an age identity/);
  assert.ok(!stderr.includes(AGE_IDENTITY));
});

test("recipients and public keys are no private keys", async () => {
  const who = ["--identity", "i", "--environment", "e"];
  const packed = await clef(["pack", ...who, "--recipient", AGE_RECIPIENT], { stdin: "K=v" });
  assert.equal(packed.code, 0, packed.stderr);
  const asked = await clef(["verify", "-", "--verify-key", VERIFY_KEY], { stdin: packed.stdout });
  assert.match(asked.stdout, /signature_missing/);
});

test("an artifact cannot steer the terminal of who looks at it", async () => {
  const who = ["--identity", "api\u202eEVIL\u2028x", "--environment", "e"];
  const packed = await clef(["pack", ...who, "--recipient", AGE_RECIPIENT], { stdin: "K=v" });
  assert.equal(packed.code, 0, packed.stderr);
  for (const command of ["inspect", "verify"]) {
    const { stdout } = await clef([command, "-"], { stdin: packed.stdout });
    assert.match(stdout, /api\\u\{202e\}EVIL\\u\{2028\}x/);
    assert.doesNotMatch(stdout, /[\u202e\u2028]/);
  }
});
