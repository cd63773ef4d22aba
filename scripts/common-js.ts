/** What the bundler needs to be told for packages that are CommonJS inside of a bundle of ES modules. */
import { builtinModules } from "node:module";
import type { Plugin } from "esbuild";

/** They ask `require` for parts of Node.js, and an ES module has no `require`. */
const builtins: Plugin = {
  name: "builtins for CommonJS",
  setup(build) {
    const names = new Set(builtinModules);
    build.onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === "require-call" && names.has(path.replace("node:", ""))
        ? { path, namespace: "builtin" }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }));
  },
};

/** What somebody imports from them lazily and by name; the bundler keeps only the default there. */
const LAZY: ReadonlyMap<string, string> = new Map([["https-proxy-agent", "HttpsProxyAgent"]]);

const lazyNames: Plugin = {
  name: "names of CommonJS",
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ kind, path, resolveDir }) =>
      kind === "dynamic-import" && LAZY.has(path)
        ? { path, namespace: "names", pluginData: resolveDir }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "names" }, ({ path, pluginData }) => ({
      contents: `export { ${LAZY.get(path) ?? ""} } from ${JSON.stringify(path)}`,
      resolveDir: String(pluginData),
    }));
  },
};

export const commonJsPlugins: Plugin[] = [builtins, lazyNames];
