/** Holds the source to import-rules.ts. Type-only and lazy imports count like any other. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseSync } from "oxc-parser";
import { APART_COMPUTED, BANS, LAYERS } from "./import-rules.ts";
import { ROOT } from "./run.ts";

interface Import {
  /** Undefined when it is computed: nobody can tell then what it imports, nor can the bundler. */
  readonly specifier: string | undefined;
  readonly line: number;
}

/** What breaks a rule, one line each. */
export function checkImports(): string[] {
  return [...filesIn("src").flatMap(checkFile), ...filesIn("conformance").flatMap(checkApart)];
}

function filesIn(folder: string): string[] {
  return globSync(`${folder}/**/*.ts`, { cwd: ROOT })
    .map((file) => file.replaceAll(path.sep, "/"))
    .toSorted();
}

/** The conformance suite knows nothing of the agent, and needs nothing but Node.js. */
function checkApart(file: string): string[] {
  return importsOf(file).flatMap(({ specifier, line }) => {
    if (specifier === undefined ? APART_COMPUTED.includes(file) : isApart(file, specifier))
      return [];
    return [`${file}:${line}: the conformance suite imports Node.js and itself, nothing else`];
  });
}

function isApart(file: string, specifier: string): boolean {
  if (!specifier.startsWith(".")) return specifier.startsWith("node:");
  return path.posix.join(path.posix.dirname(file), specifier).startsWith("conformance/");
}

function checkFile(file: string): string[] {
  const from = layerOf(file);
  if (from === undefined) return [`${file}: belongs to no layer, see scripts/import-rules.ts`];
  return importsOf(file).flatMap(({ specifier, line }) => {
    const problem = checkImport(file, from, specifier);
    return problem === undefined ? [] : [`${file}:${line}: ${problem}`];
  });
}

function checkImport(file: string, from: number, specifier?: string): string | undefined {
  if (specifier === undefined) return "imports a computed specifier; write it out";
  return specifier.startsWith(".")
    ? checkRelative(from, path.posix.join(path.posix.dirname(file), specifier))
    : checkModule(file, specifier);
}

function checkRelative(from: number, target: string): string | undefined {
  const to = layerOf(target);
  if (to === undefined) return `imports ${target}, which belongs to no layer`;
  if (to <= from) return undefined;
  return `${nameOf(from)} imports ${target}, which belongs to the later stage ${nameOf(to)}`;
}

function checkModule(file: string, specifier: string): string | undefined {
  const ban = BANS.find(
    ({ files, except, modules }) =>
      modules.includes(specifier) && matches(file, files) && !matches(file, except),
  );
  return ban === undefined ? undefined : `must not import ${specifier}: ${ban.because}`;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(ROOT, file), "utf8");
  const { module, errors } = parseSync(file, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  const lineAt = (offset: number): number => text.slice(0, offset).split("\n").length;
  const found: Import[] = [];
  for (const { moduleRequest, start } of module.staticImports) {
    found.push({ specifier: moduleRequest.value, line: lineAt(start) });
  }
  for (const { entries, start } of module.staticExports) {
    for (const { moduleRequest } of entries) {
      if (moduleRequest) found.push({ specifier: moduleRequest.value, line: lineAt(start) });
    }
  }
  for (const { moduleRequest, start } of module.dynamicImports) {
    const literal = /^(["'`])(?<specifier>[^"'`$]+)\1$/.exec(
      text.slice(moduleRequest.start, moduleRequest.end),
    );
    found.push({ specifier: literal?.groups?.["specifier"], line: lineAt(start) });
  }
  return found;
}

function layerOf(file: string): number | undefined {
  const index = LAYERS.findIndex(({ files }) => matches(file, files));
  return index === -1 ? undefined : index;
}

function nameOf(layer: number): string {
  return LAYERS[layer]?.name ?? "?";
}

function matches(file: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => path.posix.matchesGlob(file, pattern));
}
