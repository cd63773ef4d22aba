import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleClient } from "../../../scripts/build.ts";

const { outputFiles, metafile } = await bundleClient();

test("the client has at most 5 KB, minified", () => {
  const client = outputFiles.find(({ path }) => path.endsWith("dist/client/index.js"));
  assert.ok(
    client !== undefined && client.contents.length <= 5 * 1024,
    `${client?.contents.length}`,
  );
});

test("nothing of the agent is in the client, and it imports nothing but modules of Node.js", () => {
  for (const [file, { inputs, imports }] of Object.entries(metafile.outputs)) {
    for (const input of Object.keys(inputs)) assert.match(input, /^src\/client\//, file);
    for (const { path } of imports) assert.match(path, /^node:/, file);
  }
});
