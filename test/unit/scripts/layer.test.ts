import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { inflateRawSync } from "node:zlib";
import { layerOf } from "../../../scripts/build-layer.ts";

const FILES = [
  {
    name: "extensions/clef-agent",
    mode: 0o100755,
    contents: Buffer.from("#!/bin/sh\n".repeat(1_000)),
  },
  { name: "share/clef-agent/LICENSE", mode: 0o100644, contents: Buffer.from("MIT") },
];

function inTimeZone(t: TestContext, zone: string): void {
  const before = process.env["TZ"];
  process.env["TZ"] = zone;
  t.after(() => {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  });
}

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly time: string;
  readonly contents: Buffer;
}

/** Reads the central directory of a ZIP file (APPNOTE 4.3.12), with what it points to. */
function entriesOf(zip: Buffer): readonly Entry[] {
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06"));
  const entries: Entry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    assert.equal(zip.toString("latin1", at, at + 4), "PK\x01\x02");
    const nameLength = zip.readUInt16LE(at + 28);
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const data = zip.subarray(start, start + zip.readUInt32LE(at + 20));
    entries.push({
      name: zip.toString("utf8", at + 46, at + 46 + nameLength),
      mode: zip.readUInt32LE(at + 38) >>> 16,
      time: zip.toString("hex", at + 12, at + 16),
      contents: inflateRawSync(data),
    });
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return entries;
}

describe("a layer", () => {
  test("holds the files with their modes, in their order, at a fixed time", async () => {
    const entries = entriesOf(await layerOf(FILES));
    // 2000-01-01 00:00:00 in the two fields of MS-DOS.
    assert.deepEqual(
      entries,
      FILES.map(({ name, mode, contents }) => ({ name, mode, time: "00002128", contents })),
    );
  });

  test("has the same bytes each time, in every time zone", async (t) => {
    const first = await layerOf(FILES);
    for (const zone of ["Pacific/Auckland", "America/Los_Angeles", "UTC"]) {
      inTimeZone(t, zone);
      assert.ok(first.equals(await layerOf(FILES)), zone);
    }
  });
});
