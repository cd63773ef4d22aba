import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AgentError } from "../../src/errors.ts";
import { removeRevisions, removeSet } from "../../src/files/remover.ts";
import { held, memoryDirectory, put } from "./files.ts";
import type { Lifetime } from "./temporary.ts";

/** What came of so many tries to write and to remove a set beside a hostile process. */
export interface Trial {
  readonly written: number;
  readonly refused: number;
}

/**
 * Writes and removes sets while another process attacks the directory.
 *
 * @throws AssertionError if anything outside of it changed.
 */
export async function hostileTrial(
  context: Lifetime,
  tries: number,
  user?: number,
): Promise<Trial> {
  const directory = memoryDirectory(context);
  const outside = memoryDirectory(context);
  mkdirSync(join(outside, "victim", "app"), { recursive: true });
  for (const path of ["file", "victim/A", "victim/B", "victim/app/A", "victim/.hidden"]) {
    writeFileSync(join(outside, path), `precious ${path}`);
    chmodSync(join(outside, path), user === undefined ? 0o604 : 0o666);
  }
  chmodSync(directory, 0o777);
  chmodSync(outside, 0o755);
  const before = contents(outside);
  const root = held(context, directory);
  const script = fileURLToPath(import.meta.resolve("./hostile-neighbour.ts"));
  const identity = user === undefined ? {} : { uid: user, gid: user };
  const child = spawn(process.execPath, [script, directory, outside], {
    ...identity,
    stdio: ["ignore", "pipe", "inherit"],
  });
  context.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");

  let written = 0;
  let refused = 0;
  const attempt = (work: () => void): void => {
    try {
      work();
      written++;
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      refused++;
    }
  };
  for (let at = 0; at < tries; at++) {
    const secrets = { A: `${at}`, B: "b", app: { A: "x", [`K${at % 3}`]: "y" } };
    attempt(() => {
      switch (at % 4) {
        case 0:
        case 1:
          return void put(root, secrets);
        case 2: {
          removeRevisions(root, undefined);
          return;
        }
        default: {
          removeSet(root);
        }
      }
    });
    if (at % 100 === 0) assert.deepEqual(contents(outside), before, `after ${at} tries`);
  }
  child.kill("SIGKILL");
  await once(child, "exit");
  assert.deepEqual(contents(outside), before);
  return { written, refused };
}

/** Every file below a directory with its mode, owner and content. */
function contents(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const path of readdirSync(directory, { recursive: true, encoding: "utf8" }).toSorted()) {
    const { mode, uid, gid } = lstatSync(join(directory, path));
    const isFile = lstatSync(join(directory, path)).isFile();
    const text = isFile ? readFileSync(join(directory, path), "utf8") : "";
    found[path] = `${mode.toString(8)} ${uid} ${gid} ${text}`;
  }
  return found;
}
