import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { MAIN, writeChunks } from "../../scripts/binary/chunks.ts";
import { sha256 } from "../../scripts/binary/node-executable.ts";
import { binaryName, HOST, TARGETS } from "../../scripts/binary/targets.ts";
import { buildBinaries, HOST_BINARY } from "../../scripts/build-binary.ts";
import { build } from "../../scripts/build.ts";
import { ROOT } from "../../scripts/run.ts";
import { billOfMaterials } from "../../scripts/sbom.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const DIST = path.join(ROOT, "dist");
const BIN = path.join(DIST, "bin");

/** Every file under a folder, with its contents. */
async function contents(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async ({ parentPath, name }) => {
    const file = path.join(parentPath, name);
    return [path.relative(folder, file), await readFile(file)] as const;
  });
  return new Map((await Promise.all(read)).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

test("two builds of what the executable is made of give the same bytes", async (t) => {
  const folders = [await temporaryDirectory(t), await temporaryDirectory(t)] as const;
  for (const folder of folders) {
    await build();
    await writeChunks(DIST, folder);
  }
  const first = await contents(folders[0]);
  assert.ok(first.has(MAIN) && first.size > 5, [...first.keys()].join());
  assert.deepEqual(await contents(folders[1]), first);
});

test("an executable for another platform is the same, byte for byte, in every build", async () => {
  const other = TARGETS.find(({ name }) => name === "linux-arm64" && name !== HOST);
  if (other === undefined) return;
  const file = path.join(BIN, binaryName(other.name));
  await buildBinaries([other]);
  const first = await sha256(file);
  await buildBinaries([other]);
  assert.equal(await sha256(file), first);
  const head = (await readFile(file)).subarray(0, 20);
  assert.equal(head.toString("latin1", 1, 4), "ELF");
  assert.equal(head.readUInt16LE(18), 183, "its machine is AArch64");
});

test("SHA256SUMS names every executable with its sum", async () => {
  const text = await readFile(path.join(BIN, "SHA256SUMS"), "utf8");
  const sums = new Map(
    text
      .trim()
      .split("\n")
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  );
  assert.equal(sums.get(path.basename(HOST_BINARY)), await sha256(HOST_BINARY));
  const names = (await readdir(BIN)).filter((name) => name !== "SHA256SUMS");
  assert.deepEqual([...sums.keys()].toSorted(), names.toSorted());
});

test("the bill of materials names what is in the bundle, with its hash, and Node.js", async () => {
  const { components } = await billOfMaterials();
  const names = new Set(components.map(({ name }) => name));
  for (const name of ["age-encryption", "yaml", "node"]) assert.ok(names.has(name), name);
  for (const name of ["typescript", "esbuild"]) assert.ok(!names.has(name), name);
  for (const { name, hashes = [] } of components) {
    assert.ok(hashes.length > 0, name);
    for (const { alg, content } of hashes) {
      assert.match(content, alg === "SHA-512" ? /^[0-9a-f]{128}$/ : /^[0-9a-f]{64}$/, name);
    }
  }
});
