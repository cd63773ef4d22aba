import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { AgentProcess } from "../support/agent-process.ts";
import { pack } from "../support/artifacts.ts";
import { filesPlace } from "../support/files-place.ts";
import { eventually } from "../support/temporary.ts";

const ROTATIONS = 1_000;
const NAMES = ["FIRST", "SECOND", "app/THIRD", "secrets.env"];

interface Seen {
  readonly looks: number;
  readonly revisions: number;
  readonly mixed: number;
  readonly missing: number;
  readonly gone: number;
  readonly backwards: number;
}

test(`over ${ROTATIONS} rotations a reader in a loop sees no mixed set, and no moment without one`, async (context) => {
  const at = await filesPlace(context);
  const packed = (revision: number): Promise<string> => {
    const number = String(revision);
    return pack({ secrets: { FIRST: number, SECOND: number, app: { THIRD: number } } });
  };
  at.put(await packed(0));
  const agent = AgentProcess.start(context, { ...at.env, CLEF_AGENT_LOG_LEVEL: "error" });
  await eventually("the first set", () => read() === "0");
  const script = fileURLToPath(import.meta.resolve("../support/files-reader.ts"));
  const reader = spawn(process.execPath, [script, at.directory, ...NAMES.slice(0, 3)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  context.after(() => reader.kill("SIGKILL"));
  await once(reader.stdout, "data");
  const told = text(reader.stdout);

  function read(): string | undefined {
    try {
      return readFileSync(join(at.directory, "FIRST"), "utf8");
    } catch {
      return undefined;
    }
  }
  for (let revision = 1; revision <= ROTATIONS; revision++) {
    at.put(await packed(revision));
    await eventually(`revision ${revision}`, () => read() === String(revision), 30_000);
  }
  reader.stdin.write("end\n");
  const seen = JSON.parse(await told) as Seen;
  context.diagnostic(JSON.stringify(seen));
  const { mixed, missing, backwards } = seen;
  assert.deepEqual({ mixed, missing, backwards }, { mixed: 0, missing: 0, backwards: 0 });
  assert.ok(seen.revisions > ROTATIONS / 10, "it saw them change");
  assert.ok(seen.gone < seen.looks / 100, "the grace is long enough");
  await agent.stop();
});
