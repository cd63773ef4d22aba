import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleClient } from "../../../scripts/build.ts";

const { outputFiles, metafile } = await bundleClient();

test("the client has at most 5 KB, minified", () => {
  const client = outputFiles.find(({ path }) => path.endsWith("dist/client/index.js"));
  assert.ok(client !== undefined && client.contents.length <= 5_000, `${client?.contents.length}`);
});

test("nothing of the agent is in the client, and it imports nothing but modules of Node.js", () => {
  for (const [file, { inputs, imports }] of Object.entries(metafile.outputs)) {
    const others = Object.keys(inputs).filter((input) => !input.startsWith("src/client/"));
    // The loader has the names that it refuses besides, and what tells them.
    assert.deepEqual(
      others.filter((input) => !file.endsWith("env.js") || !LOADER.test(input)),
      [],
      file,
    );
    for (const { path } of imports) assert.match(path, /^node:/, file);
  }
});

const LOADER =
  /^src\/exec\/(?:client-env|fill-environment|variable-name|dangerous-names[\w-]*|environment|pattern)\.ts$/;
