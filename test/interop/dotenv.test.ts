import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";

import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { sample } from "fast-check";
import { fetchNode } from "../../scripts/binary/node-executable.ts";
import { HOST, NODE_VERSION, TARGETS } from "../../scripts/binary/targets.ts";
import { readDotenv } from "../../src/cli/input/dotenv.ts";
import { AgentError } from "../../src/errors.ts";
import { dotenvFile } from "../support/dotenv-files.ts";
import { composeDotenv, pythonWith, run } from "../support/interop.ts";

type Values = Readonly<Record<string, string>>;

const FILES = 10_000;
const folder = mkdtempSync(join(tmpdir(), "clef-dotenv-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const seed = Date.now() % 1_000_000_000;
const accepted: { readonly path: string; readonly text: string; readonly values: Values }[] = [];
for (const [index, text] of sample(dotenvFile, { numRuns: FILES, seed }).entries()) {
  try {
    const values = Object.fromEntries(readDotenv(text));
    const path = join(folder, `${index}.env`);
    writeFileSync(path, text);
    accepted.push({ path, text, values });
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
  }
}
const list = join(folder, "list.json");
writeFileSync(list, JSON.stringify(accepted.map(({ path }) => path)));

/** Holds a reader to what was accepted; it read all files in one process. */
function assertAlike(read: readonly Values[]): void {
  for (const [index, { text, values }] of accepted.entries()) {
    assert.deepEqual({ ...read[index] }, values, `seed ${seed}: ${JSON.stringify(text)}`);
  }
}

function nodeReads(node: string, parser: string): readonly Values[] {
  const script = `const { readFileSync } = require("node:fs");
const files = JSON.parse(readFileSync(${JSON.stringify(list)}, "utf8"));
const { ${parser}: parse } = require(process.argv[1]);
console.log(JSON.stringify(files.map((file) => parse(readFileSync(file, "utf8")))));`;
  const module = parser === "parseEnv" ? "node:util" : fileURLToPath(import.meta.resolve("dotenv"));
  return JSON.parse(run(node, ["-e", script, module]).stdout) as Values[];
}

function shellReads(shell: string): readonly Values[] {
  const script = accepted.map(({ path, values }) => {
    const names = Object.keys(values);
    const show = names.map((name) => `printf '%s\\0' "\${${name}-unset}"\n`).join("");
    return `. ${path}\n${show}${names.map((name) => `unset ${name}\n`).join("")}`;
  });
  const file = join(folder, `${shell}.sh`);
  writeFileSync(file, script.join(""));
  const { stdout, stderr } = run(shell, [file]);
  assert.equal(stderr, "");
  const shown = stdout.split("\0").values();
  return accepted.map(({ values }) =>
    Object.fromEntries(Object.keys(values).map((name) => [name, shown.next().value ?? ""])),
  );
}

describe(`of ${FILES} random dotenv files, what is accepted is read alike`, () => {
  test("and is neither nothing nor everything", () => {
    const withValues = accepted.filter(({ values }) => Object.keys(values).length > 0);
    assert.ok(withValues.length > FILES / 20, `${withValues.length}`);
    assert.ok(accepted.length < FILES / 2, `${accepted.length}`);
  });

  for (const shell of ["dash", "bash"]) {
    const skip = run(shell, ["-c", ":"]).status === 0 ? false : `${shell} is not here`;
    test(`by ${shell}`, { skip }, () => assertAlike(shellReads(shell)));
  }

  const target = TARGETS.find(({ name }) => name === HOST);
  for (const version of ["22.23.3", "24.21.0", NODE_VERSION]) {
    test(`by parseEnv of Node.js ${version}`, { skip: target === undefined }, async () => {
      assert.ok(target !== undefined);
      const node = version === NODE_VERSION ? process.execPath : await fetchNode(target, version);
      assertAlike(nodeReads(node, "parseEnv"));
    });
  }

  test("by motdotla's dotenv", () => assertAlike(nodeReads(process.execPath, "parse")));

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
});
