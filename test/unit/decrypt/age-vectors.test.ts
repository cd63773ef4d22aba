import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { inflateSync } from "node:zlib";
import { armor } from "age-encryption";
import * as published from "cctv-age";
import { AGE_IDENTITY } from "../../support/artifacts.ts";
import { ageInWebAssembly, ageWith } from "../../support/decrypting.ts";
import { coded } from "../../support/errors.ts";

/** One of the test vectors that are published with the format (https://c2sp.org/CCTV/age). */
interface Vector {
  readonly name: string;
  readonly expect: string;
  /** Hex SHA-256 of the plaintext. */
  readonly payload: string | undefined;
  readonly identities: readonly string[];
  readonly armored: boolean;
  readonly file: Buffer;
}

const vectors = Object.entries(published).map(([name, bytes]) => readVector(name, bytes));

function readVector(name: string, bytes: Uint8Array): Vector {
  const all = Buffer.from(bytes);
  const end = all.indexOf("\n\n");
  const lines = all.toString("latin1", 0, end).split("\n");
  const values = (key: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${key}: `)).map((line) => line.slice(key.length + 2));
  const file = all.subarray(end + 2);
  return {
    name,
    expect: values("expect")[0] ?? assert.fail(`${name} expects nothing`),
    payload: values("payload")[0],
    identities: values("identity"),
    armored: values("armored").includes("yes"),
    file: values("compressed").includes("zlib") ? inflateSync(file) : file,
  };
}

/** In both ways, which must not differ. A vector for a passphrase is tried with an identity all the same. */
async function decrypts({ identities }: Vector, file: Buffer): Promise<Buffer> {
  const lines = identities.length === 0 ? [AGE_IDENTITY] : identities;
  const other = ageInWebAssembly(...lines)(file).then(
    (plaintext) => plaintext,
    (error: unknown) => String(error),
  );
  const plaintext = await ageWith(...lines)(file).catch(async (error: unknown) => {
    assert.equal(await other, String(error));
    throw error;
  });
  assert.deepEqual(await other, plaintext);
  return plaintext;
}

async function opens(vector: Vector, file: Buffer): Promise<void> {
  const plaintext = await decrypts(vector, file);
  assert.equal(createHash("sha256").update(plaintext).digest("hex"), vector.payload);
}

/** What becomes of a vector here; each has exactly one fate. */
function fateOf({ expect, armored, identities }: Vector): keyof typeof FATES {
  if (expect !== "success") return armored ? "must fail, armored" : "must fail";
  if (identities.length === 0) return "succeeds with a passphrase only";
  return armored ? "succeeds, armored" : "succeeds";
}

const refused = coded("decrypt");

const FATES = {
  succeeds: (vector: Vector) => opens(vector, vector.file),
  "must fail": (vector: Vector) => assert.rejects(decrypts(vector, vector.file), refused),
  // An artifact holds binary age files and nothing else (contract, section 1).
  "succeeds, armored": async (vector: Vector) => {
    await assert.rejects(decrypts(vector, vector.file), refused);
    await opens(vector, Buffer.from(armor.decode(vector.file.toString("latin1"))));
  },
  "must fail, armored": async (vector: Vector) => {
    await assert.rejects(decrypts(vector, vector.file), refused);
    await assert.rejects(async () => {
      await decrypts(vector, Buffer.from(armor.decode(vector.file.toString("latin1"))));
    });
  },
  // No passphrase can be configured.
  "succeeds with a passphrase only": (vector: Vector) =>
    assert.rejects(decrypts(vector, vector.file), refused),
} as const;

for (const [fate, comesTrue] of Object.entries(FATES)) {
  describe(`an age test vector that ${fate}`, () => {
    for (const vector of vectors.filter((each) => fateOf(each) === fate)) {
      test(`${vector.name} (${vector.expect})`, () => comesTrue(vector));
    }
  });
}

test("every published age test vector has a fate", () => {
  const count = (fate: string): number => vectors.filter((each) => fateOf(each) === fate).length;
  const counts = Object.fromEntries(Object.keys(FATES).map((fate) => [fate, count(fate)]));
  assert.deepEqual(counts, {
    succeeds: 18,
    "must fail": 91,
    "succeeds, armored": 6,
    "must fail, armored": 26,
    "succeeds with a passphrase only": 2,
  });
});
