import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fetchNode } from "../../scripts/binary/node-executable.ts";
import { HOST, NODE_VERSION, TARGETS } from "../../scripts/binary/targets.ts";
import assert from "node:assert/strict";
import { composeDotenv, pythonWith, run } from "./interop.ts";

export type Values = Readonly<Record<string, string>>;

/** A dotenv file, and what every reader must find in it. */
export interface ReadableFile {
  readonly path: string;
  readonly text: string;
  readonly values: Values;
}

/** Holds every reader there is to these files, each in one process for all, as tests of their own. */
export function testReaders(files: readonly ReadableFile[], seed: number): void {
  const folder = dirname(files[0]?.path ?? "");
  const list = join(folder, "list.json");
  writeFileSync(list, JSON.stringify(files.map(({ path }) => path)));

  const assertAlike = (read: readonly Values[]): void => {
    for (const [index, { text, values }] of files.entries()) {
      assert.deepEqual({ ...read[index] }, values, `seed ${seed}: ${JSON.stringify(text)}`);
    }
  };

  for (const shell of ["dash", "bash"]) {
    const skip = run(shell, ["-c", ":"]).status === 0 ? false : `${shell} is not here`;
    test(`by ${shell}`, { skip }, () => assertAlike(shellReads(shell, files, folder)));
  }

  const target = TARGETS.find(({ name }) => name === HOST);
  for (const version of ["22.23.3", "24.21.0", NODE_VERSION]) {
    test(`by parseEnv of Node.js ${version}`, { skip: target === undefined }, async () => {
      assert.ok(target !== undefined);
      const node = version === NODE_VERSION ? process.execPath : await fetchNode(target, version);
      assertAlike(nodeReads(node, "parseEnv", list));
    });
  }

  test("by motdotla's dotenv", () => assertAlike(nodeReads(process.execPath, "parse", list)));

  const python = pythonWith("dotenv");
  test("by python-dotenv", { skip: python === undefined && "python-dotenv is not here" }, () => {
    const script = `import dotenv, json
print(json.dumps([dotenv.dotenv_values(file) for file in json.load(open(${JSON.stringify(list)}))]))`;
    assertAlike(JSON.parse(run(python ?? "", ["-c", script]).stdout) as Values[]);
  });

  const compose = composeDotenv();
  test("by Docker Compose", { skip: compose === undefined && "no Go built it" }, () => {
    const { status, stdout, stderr } = run(compose ?? "", [list]);
    assert.equal(status, 0, stderr);
    assertAlike(JSON.parse(stdout) as Values[]);
  });
}

function nodeReads(node: string, parser: string, list: string): readonly Values[] {
  const script = `const { readFileSync } = require("node:fs");
const files = JSON.parse(readFileSync(${JSON.stringify(list)}, "utf8"));
const { ${parser}: parse } = require(process.argv[1]);
console.log(JSON.stringify(files.map((file) => parse(readFileSync(file, "utf8")))));`;
  const module = parser === "parseEnv" ? "node:util" : fileURLToPath(import.meta.resolve("dotenv"));
  return JSON.parse(run(node, ["-e", script, module]).stdout) as Values[];
}

function shellReads(
  shell: string,
  files: readonly ReadableFile[],
  folder: string,
): readonly Values[] {
  const script = files.map(({ path, values }) => {
    const names = Object.keys(values);
    const show = names.map((name) => `printf '%s\\0' "\${${name}-unset}"\n`).join("");
    return `. ${path}\n${show}${names.map((name) => `unset ${name}\n`).join("")}`;
  });
  const file = join(folder, `${shell}.sh`);
  writeFileSync(file, script.join(""));
  const { stdout, stderr } = run(shell, [file]);
  assert.equal(stderr, "");
  const shown = stdout.split("\0").values();
  return files.map(({ values }) =>
    Object.fromEntries(Object.keys(values).map((name) => [name, shown.next().value ?? ""])),
  );
}
