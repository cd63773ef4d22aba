/** The main script of the single executable: its chunks are the assets. */
import { getAssetKeys, getRawAsset } from "node:sea";
import { ChunkLoader } from "./chunk-loader.ts";

const assets = new Set(getAssetKeys());

new ChunkLoader((name) => ({
  // Chunks are ASCII, so that V8 keeps one byte for each character.
  source: Buffer.from(getRawAsset(name)).toString("latin1"),
  codeCache: assets.has(`${name}.cache`) ? new Uint8Array(getRawAsset(`${name}.cache`)) : undefined,
})).load("main.js");
