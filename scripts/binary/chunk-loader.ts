import { posix as path } from "node:path";
import { Script } from "node:vm";

export interface Chunk {
  /** One function expression of `exports`, `require` and `module`. */
  readonly source: string;
  /** What V8 made of it before; undefined where it was built for another machine. */
  readonly codeCache: Uint8Array | undefined;
}

type Require = (id: string) => unknown;
type ChunkFunction = (exports: unknown, require: Require, module: { exports: unknown }) => void;

/**
 * Runs the chunks of the bundle as CommonJS modules, each when it is first asked for. What is loaded
 * lazily in dist/ costs nothing in the single executable either, neither time nor memory.
 */
export class ChunkLoader {
  /** What was compiled so far, by the name of its chunk. */
  readonly scripts: ReadonlyMap<string, Script>;
  readonly #scripts = new Map<string, Script>();
  readonly #chunks = new Map<string, { exports: unknown }>();
  readonly #read: (name: string) => Chunk;

  /** @param read - gives the chunk of that name, such as `chunks/run-ABC.js`. */
  constructor(read: (name: string) => Chunk) {
    this.#read = read;
    this.scripts = this.#scripts;
  }

  /** @throws Error if it is neither a chunk nor a module of Node.js. */
  load(name: string): unknown {
    const loaded = this.#chunks.get(name);
    if (loaded !== undefined) return loaded.exports;
    const chunk: { exports: unknown } = { exports: {} };
    this.#chunks.set(name, chunk);
    const { source, codeCache } = this.#read(name);
    const script = new Script(source, {
      filename: name,
      ...(codeCache === undefined ? {} : { cachedData: codeCache }),
    });
    this.#scripts.set(name, script);
    const run = script.runInThisContext() as ChunkFunction;
    run(chunk.exports, (id) => this.#require(name, id), chunk);
    return chunk.exports;
  }

  #require(from: string, id: string): unknown {
    if (id.startsWith(".")) return this.load(path.join(path.dirname(from), id));
    const builtin: unknown = process.getBuiltinModule(id);
    if (builtin === undefined) throw new Error(`${id} is no module of Node.js, and not bundled`);
    return builtin;
  }
}
