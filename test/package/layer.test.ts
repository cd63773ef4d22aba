import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { HOST } from "../../scripts/binary/targets.ts";
import { layerFiles } from "../../scripts/build-layer.ts";
import { outputOf } from "../../scripts/run.ts";
import { blackBox, localFolder } from "../support/package/black-box.ts";
import { unpackedLayer, whyNoLayer } from "../support/package/layer.ts";

const skip = whyNoLayer();

/** What Lambda unpacks to /opt. */
const opt = skip === undefined ? await unpackedLayer({ after }) : "";

// Without Lambda's API around it, the extension is the agent as it is everywhere.
const executable = (): string => join(opt, "extensions/clef-agent");
const libraries = (): string => `LD_LIBRARY_PATH=${join(opt, "lib")}`;
blackBox(
  {
    name: "layer",
    command: () => ["env", libraries(), executable()],
    folder: localFolder,
  },
  { skip },
);

test("the layer brings the libatomic that its executable is linked with", { skip }, async () => {
  const linked = await outputOf("env", [libraries(), "ldd", executable()]);
  const library = join(opt, "lib/libatomic.so.1");
  assert.ok(linked.includes(`libatomic.so.1 => ${library} (`), linked);
  const licences = join(opt, "share/clef-agent/THIRD-PARTY-LICENSES.txt");
  assert.match(await readFile(licences, "utf8"), /^libatomic\.so\.1 GPL-3\.0-or-later WITH GCC-e/m);
});

test("the layer is not built with a library that Lambda could not load", { skip }, async () => {
  const library = await readFile(join(opt, "lib/libatomic.so.1"));
  const wrong = join(opt, "wrong.so.1");
  const refused = async (contents: Buffer, why: RegExp): Promise<void> => {
    await writeFile(wrong, contents);
    await assert.rejects(layerFiles(HOST, wrong), why);
  };
  await refused(Buffer.from("#!/bin/sh"), /wrong\.so\.1 is no shared library/);
  const elsewhere = Buffer.from(library);
  elsewhere.writeUInt16LE(8, 18);
  await refused(elsewhere, /wrong\.so\.1 is not for linux-/);
  const other = library.toString("latin1").replaceAll("libatomic.so.1", "libnothing.so1");
  await refused(Buffer.from(other, "latin1"), /wrong\.so\.1 is not libatomic\.so\.1/);
  const needs = (what: string): Buffer => Buffer.concat([library, Buffer.from(`\0${what}\0`)]);
  await refused(needs("GLIBC_2.35"), /needs glibc 2\.35, and Lambda has 2\.34/);
  await refused(needs("GLIBC_ABI_DT_RELR"), /needs glibc ABI_DT_RELR/);
  await writeFile(wrong, needs("GLIBC_2.34"));
  assert.ok((await layerFiles(HOST, wrong)).some(({ name }) => name === "lib/libatomic.so.1"));
  const foreign = HOST === "linux-x64" ? "linux-arm64" : "linux-x64";
  await assert.rejects(layerFiles(foreign), /name one with --libatomic/);
});
