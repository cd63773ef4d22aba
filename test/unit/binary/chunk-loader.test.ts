import assert from "node:assert/strict";
import { test } from "node:test";
import { Script } from "node:vm";
import { type Chunk, ChunkLoader } from "../../../scripts/binary/chunk-loader.ts";

/** A loader of these bodies, and which of them it has read. */
function loaderOf(bodies: Readonly<Record<string, string>>): {
  readonly loader: ChunkLoader;
  readonly read: string[];
} {
  const read: string[] = [];
  const loader = new ChunkLoader((name): Chunk => {
    read.push(name);
    const body = bodies[name];
    if (body === undefined) throw new Error(`no chunk ${name}`);
    return { source: `(function(exports,require,module){${body}})`, codeCache: undefined };
  });
  return { loader, read };
}

test("a chunk is read when it is first asked for, and once", () => {
  const { loader, read } = loaderOf({
    "main.js": 'exports.later = () => require("./chunks/a.js").value',
    "chunks/a.js": 'exports.value = require("./b.js").value + 1',
    "chunks/b.js": "exports.value = 41",
  });
  const main = loader.load("main.js") as { later(): number };
  assert.deepEqual(read, ["main.js"]);
  assert.equal(main.later(), 42);
  assert.equal(main.later(), 42);
  assert.deepEqual(read, ["main.js", "chunks/a.js", "chunks/b.js"]);
});

test("chunks that need each other see what is there so far", () => {
  const { loader } = loaderOf({
    "main.js": 'exports.a = 1; exports.b = require("./chunks/b.js").fromMain()',
    "chunks/b.js": 'const main = require("../main.js"); exports.fromMain = () => main.a + 1',
  });
  assert.deepEqual({ ...(loader.load("main.js") as object) }, { a: 1, b: 2 });
});

test("a module of Node.js is itself, and what is neither is refused", () => {
  const { loader } = loaderOf({
    "main.js": 'exports.path = require("node:path"); exports.bad = () => require("left-pad")',
  });
  const main = loader.load("main.js") as { path: unknown; bad(): void };
  assert.equal(main.path, process.getBuiltinModule("node:path"));
  assert.throws(() => main.bad(), /left-pad is no module of Node\.js/);
});

test("a code cache is taken where it fits, and passed over where it does not", () => {
  // Each of its own: V8 compiles nothing twice.
  const fits = "(function(exports){exports.value='ä'})";
  const other = "(function(exports){exports.value='ö'})";
  for (const [source, codeCache, value, rejected] of [
    [fits, new Script(fits).createCachedData(), "ä", false],
    [other, Buffer.from("something else"), "ö", true],
  ] as const) {
    const loader = new ChunkLoader(() => ({ source, codeCache }));
    assert.deepEqual({ ...(loader.load("main.js") as object) }, { value });
    assert.equal(loader.scripts.get("main.js")?.cachedDataRejected, rejected);
  }
});
