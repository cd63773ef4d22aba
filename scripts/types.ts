/** The declaration files of what the package exports: dist/types/. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseSync } from "oxc-parser";
import { ROOT, runCommand } from "./run.ts";

const TYPES: string = path.join(ROOT, "dist/types");

/** Lets the compiler write them, and keeps those that the entry points lead to. */
export async function buildTypes(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "clef-agent-types-"));
  try {
    const tsc = "node_modules/typescript/bin/tsc";
    const args = [tsc, "-p", "tsconfig.types.json", "--outDir", folder];
    await runCommand(process.execPath, args, ROOT);
    const kept = await reachable(folder, [
      "index.d.ts",
      "client/index.d.ts",
      "exec/client-env.d.ts",
    ]);
    await rm(TYPES, { recursive: true, force: true });
    for (const [name, text] of kept) {
      const file = path.join(TYPES, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The files of these names and all that they import, relative imports as `.js`, which TypeScript expects. */
async function reachable(
  folder: string,
  first: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const ahead = [...first];
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    if (found.has(name)) continue;
    let text = await readFile(path.join(folder, name), "utf8");
    for (const { value, start, end } of importsOf(name, text).toReversed()) {
      if (!value.startsWith(".")) continue;
      ahead.push(path.join(path.dirname(name), value.replace(/\.ts$/, ".d.ts")));
      text = text.slice(0, start) + JSON.stringify(value.replace(/\.ts$/, ".js")) + text.slice(end);
    }
    found.set(name, text);
  }
  return found;
}

interface Specifier {
  readonly value: string;
  /** Where it stands, quotes included. */
  readonly start: number;
  readonly end: number;
}

function importsOf(name: string, text: string): readonly Specifier[] {
  const { module } = parseSync(name, text);
  const requests = [
    ...module.staticImports.map((one) => one.moduleRequest),
    // One `export { … } from` has its request in each of its entries.
    ...module.staticExports.flatMap((one) => one.entries[0]?.moduleRequest ?? []),
  ];
  return requests.toSorted((a, b) => a.start - b.start);
}
