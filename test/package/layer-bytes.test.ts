import assert from "node:assert/strict";
import { test } from "node:test";
import { HOST } from "../../scripts/binary/targets.ts";
import { layerFiles, layerOf } from "../../scripts/build-layer.ts";

const skip = !HOST.startsWith("linux-") && `there is no layer for ${HOST}`;

/** Unzipped, a function with all its layers must be smaller (AWS's quota). */
const LAMBDA_MAX_BYTES = 250 * 1024 * 1024;
/** A layer that is uploaded directly must be smaller (AWS's quota). */
const UPLOAD_MAX_BYTES = 50 * 1024 * 1024;

test(
  "the layer has the same bytes each time, and fits into Lambda's quotas",
  {
    skip,
  },
  async (t) => {
    const files = await layerFiles(HOST);
    const layer = await layerOf(files);
    assert.ok(layer.equals(await layerOf(await layerFiles(HOST))), "byte for byte");
    const unzipped = files.reduce((sum, { contents }) => sum + contents.length, 0);
    const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
    t.diagnostic(`${mib(layer.length)}, ${mib(unzipped)} unzipped`);
    assert.ok(layer.length < UPLOAD_MAX_BYTES);
    assert.ok(unzipped < LAMBDA_MAX_BYTES);
  },
);
