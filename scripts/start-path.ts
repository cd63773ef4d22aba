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

/** What is loaded without it, because it starts often or says one thing. */
const WITHOUT_START: ReadonlySet<string> = new Set(
  ["cli/run", "cli/healthcheck", "cli/refresh", "cli/help", "version"].map((name) =>
    path.join(SRC, `${name}.ts`),
  ),
);

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
 * The bundler puts into one file what the same entry points need, and what is loaded lazily is an entry point. An
 * agent's own code would be in forty files then, for some are shared with this, some with that. So each of those
 * is made to need all of what a start loads, which it finds loaded.
 */
const oneFile: Plugin = {
  name: "what a start loads in one file",
  setup(build) {
    const namespace = "after-start";
    build.onResolve({ filter: /.*/ }, async (asked) => {
      const isOurs = asked.importer.startsWith(SRC + path.sep) && asked.namespace === "file";
      if (asked.kind !== "dynamic-import" || !isOurs) return undefined;
      const { resolveDir, importer } = asked;
      const found = await build.resolve(asked.path, {
        kind: "import-statement",
        resolveDir,
        importer,
      });
      if (found.external || WITHOUT_START.has(found.path)) return undefined;
      const isFile = asked.path.startsWith(".");
      const name = isFile ? `./${path.relative(ROOT, found.path)}` : asked.path;
      return { path: name.replaceAll(path.sep, "/"), namespace };
    });
    build.onLoad({ filter: /.*/, namespace }, ({ path: name }) => ({
      contents: `import {} from ${JSON.stringify(START)}; export * from ${JSON.stringify(name)};`,
      resolveDir: ROOT,
    }));
  },
};

export const startPlugins: Plugin[] = [builtins, oneFile];
