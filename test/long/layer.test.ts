import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { buildLayers, layerFiles, layerOf, layerPath } from "../../scripts/build-layer.ts";
import { TARGETS } from "../../scripts/binary/targets.ts";
import { ROOT, run } from "../support/interop.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const target = TARGETS.find(({ name }) => name === `linux-${process.arch}`);
const skip =
  (process.platform !== "linux" || target === undefined) && "a layer runs on Linux, x64 or arm64";
const noUnzip = run("unzip", ["-v"]).status !== 0 && "unzip is not on this machine";

/** Unzipped, a function with all its layers must be smaller (AWS's quota). */
const LAMBDA_MAX_BYTES = 250 * 1024 * 1024;
/** A layer that is uploaded directly must be smaller (AWS's quota). */
const UPLOAD_MAX_BYTES = 50 * 1024 * 1024;

describe("the layer", { skip }, () => {
  const arch = process.arch;

  test("is built the same from the same executable, and fits into Lambda's quotas", async (t) => {
    assert.ok(target);
    await buildLayers([target]);
    const layer = await readFile(layerPath(arch));
    const files = await layerFiles(target.name);
    assert.ok(layer.equals(await layerOf(files)), "byte for byte");
    const unzipped = files.reduce((sum, { contents }) => sum + contents.length, 0);
    const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
    t.diagnostic(`${mib(layer.length)}, ${mib(unzipped)} unzipped`);
    assert.ok(layer.length < UPLOAD_MAX_BYTES);
    assert.ok(unzipped < LAMBDA_MAX_BYTES);
  });

  test(
    "unpacks to an extension that passes the tests of the agent",
    {
      skip: noUnzip,
    },
    async (t) => {
      const opt = await temporaryDirectory(t);
      assert.equal(run("unzip", ["-q", layerPath(arch), "-d", opt]).status, 0);
      const extension = join(opt, "extensions/clef-agent");
      assert.equal((await stat(extension)).mode & 0o777, 0o755);
      const tests = ["lambda", "http-api", "vectors"].map((name) => `test/process/${name}.test.ts`);
      const { status, stdout } = spawnSync(process.execPath, ["--test", ...tests], {
        cwd: ROOT,
        encoding: "utf8",
        env: { ...process.env, CLEF_TEST_AGENT: extension, NODE_TEST_CONTEXT: undefined },
      });
      assert.equal(status, 0, stdout);
      const [, passed] = /^ℹ pass (\d+)$/m.exec(stdout) ?? [];
      t.diagnostic(`${passed} tests passed on the extension`);
      assert.ok(Number(passed) > 20, stdout);
    },
  );
});
