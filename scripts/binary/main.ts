/** The main script of the single executable: its chunks are the assets. */
import { getAssetKeys, getRawAsset } from "node:sea";
import { ChunkLoader } from "./chunk-loader.ts";

const assets = new Set(getAssetKeys());

new ChunkLoader((name) => ({
  source: Buffer.from(getRawAsset(name)).toString("utf8"),
  codeCache: assets.has(`${name}.cache`) ? new Uint8Array(getRawAsset(`${name}.cache`)) : undefined,
})).load("main.js");
