import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutFacades } from "../../../scripts/start-path.ts";

test("an import of names from Node.js becomes a call, types and other imports do not", () => {
  const source = `import { AgentError } from "../errors.ts";
import { createHash, type Hash, randomBytes as random } from "node:crypto";
import type { Server } from "node:net";
import { x25519 } from "@noble/curves";
export const sum = createHash;
`;
  assert.equal(
    withoutFacades(source),
    `import { AgentError } from "../errors.ts";
const { createHash: createHash, randomBytes: random } = process.getBuiltinModule("node:crypto");

import { x25519 } from "@noble/curves";
export const sum = createHash;
`,
  );
});

test("the default and the namespace of a module of Node.js are the module", () => {
  const source = `import * as fs from "node:fs";
import http, { type Agent, STATUS_CODES } from "node:http";
import { default as path } from "node:path";`;
  assert.equal(
    withoutFacades(source),
    `const fs = process.getBuiltinModule("node:fs");
const http = process.getBuiltinModule("node:http"); const { STATUS_CODES: STATUS_CODES } = process.getBuiltinModule("node:http");
const path = process.getBuiltinModule("node:path");`,
  );
});

test("every line stays where it is, for the source maps, also after characters of more than a byte", () => {
  const source = `// “…” 𝒳
import {
  open,
  type Stats,
} from "node:fs/promises";
export { open };`;
  const lines = withoutFacades(source).split("\n");
  assert.equal(lines.length, source.split("\n").length);
  assert.equal(lines[0], "// “…” 𝒳");
  assert.match(lines[1] ?? "", /^const \{ open: open \} = .*\("node:fs\/promises"\);$/);
  assert.equal(lines.at(-1), "export { open };");
});

test("an import for its effect alone stays", () => {
  assert.equal(withoutFacades('import "node:fs";'), 'import "node:fs";');
});
