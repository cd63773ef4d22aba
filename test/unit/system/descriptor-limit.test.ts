import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ASSUMED_DESCRIPTORS } from "../../../src/limits.ts";
import { parseDescriptorLimit } from "../../../src/system/descriptor-limit.ts";

const FILE = fileURLToPath(new URL("../../../src/system/descriptor-limit.ts", import.meta.url));

test(
  "the limit of descriptors is that of the process",
  { skip: process.platform !== "linux" },
  () => {
    const script = `import(${JSON.stringify(FILE)}).then(({ descriptorLimit }) => console.log(descriptorLimit()))`;
    const shell = `ulimit -n 256; exec "$0" -e '${script}'`;
    assert.equal(execFileSync("sh", ["-c", shell, process.execPath]).toString().trim(), "256");
  },
);

test("the limit of descriptors may be none", () => {
  const line = "Max open files            unlimited            unlimited            files     \n";
  assert.equal(parseDescriptorLimit(`Limit  Soft Limit\n${line}`), Number.POSITIVE_INFINITY);
});

test("the limit of descriptors is assumed where the system tells of none", () => {
  assert.equal(parseDescriptorLimit("Limit  Soft Limit\n"), ASSUMED_DESCRIPTORS);
});
