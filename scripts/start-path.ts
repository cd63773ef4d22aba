/**
 * What makes a start fast that the source need not know: how Node.js is asked for its own modules, and
 * how the code that every agent runs is cut into files. docs/performance.md says what each is worth.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Plugin } from "esbuild";
import { parseSync, type StaticImportEntry } from "oxc-parser";
import { ROOT } from "./run.ts";

const SRC: string = path.join(ROOT, "src");

/** What an agent has loaded by its first secret. */
const START: string = path.join(SRC, "cli/run.ts");

/** What is loaded without that: the start itself, and what says one thing and ends. */
const WITHOUT_START: ReadonlySet<string> = new Set([START, path.join(SRC, "cli/help.ts")]);

/** The package's entry, which needs nearly all of it. */
const INDEX: string = path.join(SRC, "index.ts");

/**
 * The same source with `process.getBuiltinModule` in the place of its imports from Node.js, line by line: an import
 * makes Node.js read every export of the module, and some of those load a great deal more. One of `node:http` is
 * all of undici, which costs 15 ms and 5 MB.
 */
export function withoutFacades(source: string): string {
  let result = "";
  let end = 0;
  for (const one of parseSync("source.ts", source).module.staticImports) {
    const module = one.moduleRequest.value;
    if (!module.startsWith("node:") || one.entries.length === 0) continue;
    const lines = source.slice(one.start, one.end).replaceAll(/[^\n]/g, "");
    result += source.slice(end, one.start) + constantsOf(module, one.entries) + lines;
    end = one.end;
  }
  return result + source.slice(end);
}

/** What these imports name, without the types among them. */
function constantsOf(module: string, imported: readonly StaticImportEntry[]): string {
  const whole: string[] = [];
  const names: string[] = [];
  for (const { importName, localName, isType } of imported) {
    if (isType) continue;
    // The namespace has no name, and like the default it is the module itself here.
    if (importName.name === null || importName.name === "default") whole.push(localName.value);
    else names.push(`${importName.name}: ${localName.value}`);
  }
  const targets = names.length === 0 ? whole : [...whole, `{ ${names.join(", ")} }`];
  const call = `process.getBuiltinModule(${JSON.stringify(module)})`;
  return targets.map((target) => `const ${target} = ${call};`).join(" ");
}

const builtins: Plugin = {
  name: "modules of Node.js without facades",
  setup(build) {
    build.onLoad({ filter: /\.ts$/, namespace: "file" }, async ({ path: file }) =>
      file.startsWith(SRC + path.sep)
        ? { contents: withoutFacades(await readFile(file, "utf8")), loader: "ts" }
        : undefined,
    );
  },
};

/**
 * The bundler puts into one file what the same entry points need, and what is loaded lazily is an entry point. What
 * a start loads would be in forty files then, for some is shared with this, some with that. So each of those is made
 * to need all of it, and finds it loaded.
 */
const oneFile: Plugin = {
  name: "what a start loads in one file",
  setup(build) {
    const namespace = "after-start";
    build.onResolve({ filter: /.*/ }, async (asked) => {
      const isLazy = asked.kind === "dynamic-import" && asked.importer.startsWith(SRC + path.sep);
      if (!isLazy && asked.kind !== "entry-point") return undefined;
      const { resolveDir, importer } = asked;
      const options = { kind: "import-statement", resolveDir, importer } as const;
      const found = await build.resolve(asked.path, options);
      if (found.external || WITHOUT_START.has(found.path)) return undefined;
      if (!isLazy && found.path !== INDEX) return undefined;
      const isPackage = /^[^./]/.test(asked.path) && isLazy;
      const name = isPackage ? asked.path : `./${path.relative(ROOT, found.path)}`;
      return { path: name.replaceAll(path.sep, "/"), namespace };
    });
    build.onLoad({ filter: /.*/, namespace }, ({ path: name }) => ({
      contents: `import {} from ${JSON.stringify(START)}; export * from ${JSON.stringify(name)};`,
      resolveDir: ROOT,
    }));
  },
};

export const startPlugins: Plugin[] = [builtins, oneFile];
